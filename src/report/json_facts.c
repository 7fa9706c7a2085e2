/* SPDX-License-Identifier: MIT */
#include "report/json_facts.h"

#include "explain/flags.h"
#include "explain/load.h"
#include "explain/repeated.h"

static void flag(struct json *json, const char *key, bool value)
{
	json_key(json, key);
	json_bool(json, value);
}

/* "x": { "old": ..., "new": ... }, null for the side that is not there. */
static void both_sides(struct json *json, const char *key,
		       const struct comparison *comparison,
		       void (*write)(struct json *json,
				     const struct comparison *comparison,
				     unsigned side))
{
	json_line(json);
	json_key(json, key);
	json_open(json, '{');
	for (unsigned side = OLD; side < SIDES; side++) {
		json_key(json, side == OLD ? "old" : "new");
		if (comparison_build(comparison, side))
			write(json, comparison, side);
		else
			json_null(json);
	}
	json_close(json, '}');
}

static void write_ident(struct json *json, const struct comparison *comparison,
			unsigned side)
{
	const struct build *build = &comparison->builds[side];
	const struct ident *ident = &build->ident;

	json_open(json, '{');
	json_member(json, "release", ident->release);
	json_member(json, "compiler", ident->compiler);
	json_member(json, "linker", ident->linker);
	json_member(json, "lto", ident_lto(ident));
	json_member(json, "cfi", ident_cfi(ident));
	flag(json, "ibt", ident->ibt);
	json_member(json, "unwinder", ident_unwinder(ident));
	json_member(json, "kallsyms", ident_kallsyms(ident));
	flag(json, "btf", ident->btf);
	flag(json, "debug_info", ident->debug_info);
	json_key(json, "dwarf");
	if (ident->dwarf_version)
		json_number(json, ident->dwarf_version);
	else
		json_null(json);
	json_member(json, "config", build->kconfig.origin);
	json_close(json, '}');
}

static void write_option(struct json *json, const char *name,
			 const char *value)
{
	json_open(json, '{');
	json_member(json, "name", name);
	json_member(json, "value", value);
	json_close(json, '}');
}

static void write_config_diff(struct json *json,
			      const struct kconfig_diff *diff)
{
	json_line(json);
	json_key(json, "config_diff");
	if (!diff->known) {
		json_null(json);
		return;
	}
	json_open(json, '[');
	for (uint32_t i = 0; i < diff->count; i++) {
		const struct kconfig_change *change = &diff->changes[i];

		json_line(json);
		json_open(json, '{');
		json_key(json, "old");
		write_option(json, change->name[0], change->value[0]);
		json_key(json, "new");
		write_option(json, change->name[1], change->value[1]);
		json_member(json, "why", change->why);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void write_limit(struct json *json, const struct comparison *comparison,
			unsigned side)
{
	const struct limit *limit = &comparison->limits[side];
	const struct build *build = &comparison->builds[side];
	struct slacks slacks = limit_slacks(limit, build);

	if (!limit->known) {
		json_null(json);
		return;
	}
	json_open(json, '{');
	json_member_number(json, "used", limit->used);
	flag(json, "estimated", limit->estimated);
	json_key(json, "limit");
	if (limit->limit)
		json_number(json, limit->limit);
	else
		json_null(json);
	json_member(json, "source", limit->limit ? limit->source : NULL);
	if (limit->estimated) {
		json_member_number(json, "kallsyms_predicted", limit->kallsyms);
		json_member_number(json, "added", limit->added);
	}
	json_key(json, "slack");
	json_open(json, '[');
	for (uint32_t i = 0; i < slacks.count; i++) {
		json_open(json, '{');
		json_member(json, "section", image_section_name(
			&build->image, slacks.list[i].section));
		json_member_number(json, "bytes", slacks.list[i].bytes);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_close(json, '}');
}

static void write_load(struct json *json, const struct comparison *comparison,
		       unsigned side)
{
	struct load load = load_of(&comparison->builds[side]);

	json_open(json, '{');
	json_member_number(json, "sections", load.sections);
	json_member_number(json, "symbols", load.symbols);
	json_member_number(json, "relocations", load.relocations);
	json_member_number(json, "debug_relocations", load.debug_relocations);
	json_member_number(json, "code", load.code);
	json_member_number(json, "debug_info", load.debug_info);
	json_key(json, "units");
	if (load.units)
		json_number(json, load.units);
	else
		json_null(json);
	json_member_number(json, "repeated_units", load.repeated_units);
	json_close(json, '}');
}

static void write_flags_of(struct json *json, const struct flags *flags,
			   unsigned side)
{
	json_key(json, side == OLD ? "old" : "new");
	json_open(json, '[');
	for (uint32_t i = 0; i < flags->count[side]; i++)
		json_string(json, flags->only[side][i]);
	json_close(json, ']');
}

static int write_flags(struct json *json, const struct comparison *comparison,
		       struct err *err)
{
	struct flags flags = { 0 };
	int status = flags_compare(&flags, comparison, err);

	if (!status && flags.producer[OLD] && flags.producer[NEW]) {
		json_line(json);
		json_key(json, "flags_diff");
		json_open(json, '{');
		write_flags_of(json, &flags, OLD);
		write_flags_of(json, &flags, NEW);
		json_close(json, '}');
	}
	flags_release(&flags);
	return status;
}

static int write_repeated(struct json *json,
			  const struct comparison *comparison, struct err *err)
{
	struct repeated repeated = { 0 };
	int status = repeated_find(&repeated, comparison, err);

	json_line(json);
	json_key(json, "repeated");
	json_open(json, '{');
	for (unsigned side = OLD; side < SIDES; side++) {
		json_key(json, side == OLD ? "old" : "new");
		json_open(json, '{');
		json_member_number(json, "units", repeated.units[side]);
		json_member_number(json, "files", repeated.sources[side]);
		json_member_number(json, "bytes", repeated.bytes[side]);
		json_close(json, '}');
	}
	json_close(json, '}');
	repeated_release(&repeated);
	return status;
}

int json_facts(struct json *json, const struct comparison *comparison,
	       struct err *err)
{
	both_sides(json, "ident", comparison, write_ident);
	write_config_diff(json, &comparison->config);
	both_sides(json, "limit", comparison, write_limit);
	both_sides(json, "load", comparison, write_load);
	if (write_flags(json, comparison, err))
		return -1;
	if (comparison->single || !comparison->causes.of_entry[NEW])
		return 0;
	json_line(json);
	flag(json, "inlining", comparison->causes.inlines);
	return write_repeated(json, comparison, err);
}

void json_warnings(struct json *json, const struct comparison *comparison)
{
	json_key(json, "warnings");
	json_open(json, '[');
	for (unsigned side = OLD; side < SIDES; side++) {
		const struct build *build = comparison_build(comparison, side);

		for (size_t i = 0; build && i < build->image.warning_count; i++)
			json_string(json, build->image.warnings[i]);
	}
	json_close(json, ']');
}
