/* SPDX-License-Identifier: MIT */
/*
 * The ledger, asked about one byte. The answer has what a report can group
 * by, and what reports are too coarse for: the calls through which inlined
 * code came to where it is, with file and line.
 */
#include "report/whose.h"

#include <elf.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "debug/btf_at.h"
#include "report/format.h"
#include "report/json_writer.h"
#include "report/spot.h"

/* One function on the way from the innermost inlined one to the host. */
struct step {
	const char *function;
	const char *file; /* "" where unknown */
	uint32_t line;
};

#define NO_BASE (UINT32_C(1) << 30) /* ids from here on are made up */

struct answer {
	const char *place;
	const char *problem; /* or all of the following */
	struct spot spot;
	bool has_address, has_offset;
	uint64_t address, offset; /* in memory, in the file */
	uint32_t symbol, unit;    /* NONE: none */
	uint64_t into;            /* bytes behind the symbol's start */
	enum nature nature;
	bool has_type;
	struct btf_at type; /* where the byte is BTF */
	bool gap;
	struct step *chain; /* innermost first */
	size_t chain_count;
};

struct whose {
	const struct build *build;
	const struct vmd_options *options;
	struct spots spots;
	struct dwarf_lines lines;
	struct step *steps;
	size_t step_capacity;
	struct out out;
};

/* -- finding -- */

static void locate(struct answer *answer, const struct image *image)
{
	const struct section *section;

	if (answer->spot.section == NONE) {
		answer->has_offset = true;
		answer->offset = answer->spot.offset;
		return;
	}
	section = &image->sections[answer->spot.section];
	answer->has_offset = section->type != SHT_NOBITS;
	answer->offset = section->offset + answer->spot.offset;
	answer->has_address = image->type != ET_REL &&
			      (section->flags & SHF_ALLOC);
	answer->address = image->more[answer->spot.section].addr +
			  answer->spot.offset;
}

/* A byte in no section: a header, or a gap. */
static void take_outside(struct answer *answer, const struct image *image)
{
	uint64_t at = answer->spot.offset;

	answer->nature = lies_in(at, 0, image->ehdr_size) ||
			 lies_in(at, image->phdr_offset, image->phdr_size) ||
			 lies_in(at, image->shdr_offset, image->shdr_size) ?
				 NATURE_HEADER : NATURE_GAP;
}

/* Columns have a row for each symbol, in the order of the table. */
static bool take_column(struct answer *answer, const struct build *build)
{
	const struct ledger *ledger = &build->ledger;
	uint64_t start = 0;

	for (uint32_t i = 0; i < ledger->column_count; i++) {
		const struct column *column = &ledger->columns[i];

		if (column->section != answer->spot.section)
			continue;
		answer->nature = column->nature;
		/* Names are not in the order of the table. */
		if (column->sizes)
			return true;
		start = answer->spot.offset / column->size;
		if (start < build->image.symbol_count)
			answer->symbol = ledger->owner[start];
		return true;
	}
	return false;
}

static struct step *add_step(struct whose *whose, struct answer *answer)
{
	struct step *steps = array_grow(whose->steps, &whose->step_capacity,
					answer->chain_count + 1,
					sizeof(*steps));

	if (!steps)
		return NULL;
	whose->steps = answer->chain = steps;
	steps += answer->chain_count++;
	*steps = (struct step){ "", "", 0 };
	return steps;
}

static const char *function_name(const struct dwarf *dwarf, uint32_t function)
{
	const struct dwarf_function *f = &dwarf->functions[function];

	return *f->linkage ? f->linkage : f->name;
}

/* The piece of code at a place, or NULL. */
static const struct dwarf_piece *piece_at(const struct dwarf *dwarf,
					  const struct spot *spot)
{
	uint32_t at = dwarf_piece_at(dwarf, spot->section, spot->offset, 0);
	const struct dwarf_piece *piece;

	if (at == dwarf->piece_count)
		return NULL;
	piece = &dwarf->pieces[at];
	return piece->section == spot->section &&
	       piece->offset <= spot->offset ? piece : NULL;
}

static int make_chain(struct whose *whose, struct answer *answer,
		      const struct dwarf_piece *piece, struct err *err)
{
	const struct dwarf *dwarf = &whose->build->dwarf;
	struct step *step = add_step(whose, answer);
	const char *host = "";

	if (!step)
		return err_oom(err, "following calls");
	if (piece && dwarf_line_find(dwarf, &whose->lines, piece->unit,
				     piece->section, answer->spot.offset,
				     &step->file, &step->line))
		return err_oom(err, "reading line tables");
	for (uint32_t i = piece ? piece->node : NONE; i != NONE;
	     i = dwarf->nodes[i].parent) {
		const struct dwarf_node *node = &dwarf->nodes[i];

		step->function = function_name(dwarf, node->function);
		step = add_step(whose, answer);
		if (!step)
			return err_oom(err, "following calls");
		step->line = node->call_line;
		if (node->call_file != NONE)
			step->file = dwarf->files[node->call_file];
	}
	/* The outermost is known by its symbol, renamed as that may be. */
	if (piece && piece->host != NONE)
		host = function_name(dwarf, piece->host);
	step->function = answer->symbol != NONE ?
		image_symbol_name(&whose->build->image, answer->symbol) : host;
	return 0;
}

/* A group's entry has no place: its owner is, the one at the place is not. */
static const struct entry *entry_of_type(const struct build *build,
					 const struct btf_at *type)
{
	const struct ledger *ledger = &build->ledger;
	uint32_t first = ledger->first[build->btf.section];

	for (uint32_t i = 0; i < ledger->run[build->btf.section]; i++) {
		const struct entry *entry = &ledger->entries[first + i];
		const struct btf_group *group =
			&build->btf.groups[entry->detail];

		if (group->kind == type->kind &&
		    group->length == type->name.length &&
		    !memcmp(group->name, type->name.at, group->length))
			return entry;
	}
	return NULL;
}

static void take_type(struct answer *answer, const struct build *build)
{
	const struct btf *btf = &build->btf;
	const struct entry *entry;

	btf_find_at(&answer->type, btf,
		    image_section_data(&build->image, btf->section),
		    answer->spot.offset);
	answer->has_type = true;
	answer->nature = NATURE_BTF;
	entry = answer->type.users > 1 ? NULL
				       : entry_of_type(build, &answer->type);
	if (entry)
		answer->symbol = entry->symbol;
}

static int find(struct whose *whose, const char *place, struct answer *answer,
		struct err *err)
{
	const struct build *build = whose->build;
	const struct entry *entry;

	*answer = (struct answer){ .place = place, .symbol = NONE,
				   .unit = NONE };
	answer->problem = spot_find(&whose->spots, place, &answer->spot);
	if (answer->problem)
		return 0;
	locate(answer, &build->image);
	if (answer->spot.section == NONE) {
		take_outside(answer, &build->image);
		return 0;
	}
	if (build->btf.section == answer->spot.section) {
		take_type(answer, build);
		return 0;
	}
	entry = ledger_find(&build->ledger, answer->spot.section,
			    answer->spot.offset);
	if (!entry) {
		if (!take_column(answer, build))
			answer->problem = "not booked byte by byte";
		return 0;
	}
	answer->symbol = entry->symbol;
	answer->unit = entry->unit;
	answer->nature = entry->nature;
	if (entry->symbol != NONE &&
	    build->image.symbols[entry->symbol].section ==
		    answer->spot.section)
		answer->into = answer->spot.offset -
			       build->image.symbols[entry->symbol].value;
	if (entry->nature != NATURE_CODE)
		return 0;
	return make_chain(whose, answer,
			  piece_at(&build->dwarf, &answer->spot), err);
}

static const char *inlinee_of(const struct answer *answer)
{
	return answer->chain_count > 1 ? answer->chain[0].function : NULL;
}

/* -- JSON -- */

static void write_hex(struct json *json, bool known, uint64_t number)
{
	char text[2 + 16 + 1];

	snprintf(text, sizeof(text), "0x%" PRIx64, number);
	json_string(json, known ? text : NULL);
}

static void write_aliases(struct json *json, const struct build *build,
			  uint32_t symbol)
{
	const struct ledger *ledger = &build->ledger;
	uint32_t at = symbol == NONE ? 0 : ledger->next_alias[symbol];

	json_open(json, '[');
	for (; at; at = ledger->next_alias[at])
		json_string(json, image_symbol_name(&build->image, at));
	json_close(json, ']');
}

static void write_chain(struct json *json, const struct answer *answer)
{
	json_open(json, '[');
	for (size_t i = 0; i < answer->chain_count; i++) {
		const struct step *step = &answer->chain[i];

		json_open(json, '{');
		json_key(json, "function");
		json_string(json, *step->function ? step->function : NULL);
		json_key(json, "file");
		json_string(json, *step->file ? step->file : NULL);
		json_key(json, "line");
		if (step->line)
			json_number(json, step->line);
		else
			json_null(json);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void write_btf_name(struct json *json, const char *key, bool known,
			   struct btf_name name)
{
	json_key(json, key);
	if (known)
		json_text(json, (struct text){ name.at, name.length });
	else
		json_null(json);
}

/* The record, or the first that uses the string. */
static void write_type_object(struct json *json, const struct answer *answer)
{
	const struct btf_at *type = &answer->type;

	json_key(json, "type");
	if (!answer->has_type) {
		json_null(json);
		return;
	}
	json_open(json, '{');
	json_key(json, "kind");
	json_string(json, btf_kind_name(type->kind));
	write_btf_name(json, "name", type->id, type->name);
	json_key(json, "id");
	json_number(json, type->id < NO_BASE ? type->id : 0);
	write_btf_name(json, "member", type->element, type->member);
	write_btf_name(json, "string", type->is_string, type->string);
	json_key(json, "users");
	json_number(json, type->users);
	json_close(json, '}');
}

static void write_object(struct json *json, const struct whose *whose,
			 const struct answer *answer)
{
	const struct build *build = whose->build;
	bool known = !answer->problem;
	bool in_section = known && answer->spot.section != NONE;

	json_line(json);
	json_open(json, '{');
	json_key(json, "place");
	json_string(json, answer->place);
	json_key(json, "address");
	write_hex(json, known && answer->has_address, answer->address);
	json_key(json, "offset");
	if (known && answer->has_offset)
		json_number(json, answer->offset);
	else
		json_null(json);
	json_key(json, "section");
	json_string(json, in_section ? image_section_name(
		&build->image, answer->spot.section) : NULL);
	json_key(json, "symbol");
	json_string(json, answer->symbol == NONE ? NULL :
		image_symbol_name(&build->image, answer->symbol));
	json_key(json, "aliases");
	write_aliases(json, build, answer->symbol);
	json_key(json, "unit");
	json_string(json, answer->unit == NONE ? NULL :
				  build->dwarf.units[answer->unit].name);
	json_key(json, "inlinee");
	json_string(json, inlinee_of(answer));
	json_key(json, "nature");
	json_string(json, known ? nature_name(answer->nature) : NULL);
	write_type_object(json, answer);
	json_key(json, "chain");
	write_chain(json, answer);
	if (answer->problem) {
		json_key(json, "problem");
		json_string(json, answer->problem);
	}
	json_close(json, '}');
}

/* -- text -- */

static void write_name(struct whose *whose, const char *name)
{
	out_name(&whose->out, (struct text){ name, strlen(name) }, 0,
		 whose->options->unicode);
}

static void write_label(struct whose *whose, const char *label)
{
	out_format(&whose->out, "  %-9s", label);
}

static void write_symbol(struct whose *whose, const struct answer *answer)
{
	const struct build *build = whose->build;
	const char *before = "  (also ";
	uint32_t alias;

	if (answer->symbol == NONE)
		return;
	write_label(whose, "symbol");
	write_name(whose, image_symbol_name(&build->image, answer->symbol));
	if (answer->into)
		out_format(&whose->out, " + 0x%" PRIx64, answer->into);
	alias = build->ledger.next_alias[answer->symbol];
	for (; alias; alias = build->ledger.next_alias[alias]) {
		out_text(&whose->out, before);
		write_name(whose, image_symbol_name(&build->image, alias));
		before = ", ";
	}
	out_text(&whose->out, *before == ',' ? ")\n" : "\n");
}

static void write_steps(struct whose *whose, const struct answer *answer)
{
	for (size_t i = 0; i < answer->chain_count; i++) {
		const struct step *step = &answer->chain[i];

		if (answer->chain_count == 1 && !*step->file)
			return;
		write_label(whose, answer->chain_count == 1 ? "line" :
				   i == 0 ? "inlined" : "in");
		write_name(whose, *step->function ? step->function : "?");
		if (*step->file) {
			out_text(&whose->out, "  ");
			write_name(whose, step->file);
			out_format(&whose->out, ":%" PRIu32, step->line);
		}
		out_char(&whose->out, '\n');
	}
}

static void write_where(struct whose *whose, const struct answer *answer)
{
	struct out *out = &whose->out;

	if (answer->spot.section != NONE) {
		write_label(whose, "section");
		write_name(whose, image_section_name(&whose->build->image,
						     answer->spot.section));
		out_format(out, " + 0x%" PRIx64 "\n", answer->spot.offset);
	}
	if (answer->has_address) {
		write_label(whose, "address");
		out_format(out, "0x%" PRIx64 "\n", answer->address);
	}
	if (answer->has_offset) {
		write_label(whose, "file");
		out_format(out, "@0x%" PRIx64 "\n", answer->offset);
	}
}

static void write_btf_text(struct whose *whose, struct btf_name name)
{
	out_name(&whose->out, (struct text){ name.at, name.length }, 0,
		 whose->options->unicode);
}

/* "STRUCT page, number 123, member 2 next", "string next of ...". */
static void write_type(struct whose *whose, const struct answer *answer)
{
	const struct btf_at *type = &answer->type;
	struct out *out = &whose->out;

	if (type->is_string) {
		write_label(whose, "string");
		write_btf_text(whose, type->string);
		out_format(out, " + 0x%" PRIx64 "\n", type->into);
	}
	write_label(whose, "type");
	out_text(out, btf_kind_name(type->kind));
	if (type->id) {
		out_char(out, ' ');
		write_btf_text(whose, type->name.length ? type->name :
			(struct btf_name){ "(unnamed)", 9 });
		if (type->id < NO_BASE)
			out_format(out, ", number %" PRIu32, type->id);
	}
	if (type->element) {
		out_format(out, ", element %" PRIu32 " ", type->element);
		write_btf_text(whose, type->member);
	}
	if (type->users > 1)
		out_format(out, ", and %" PRIu32 " more", type->users - 1);
	out_char(out, '\n');
}

static void write_text(struct whose *whose, const struct answer *answer)
{
	struct out *out = &whose->out;

	write_name(whose, answer->place);
	if (answer->problem) {
		out_format(out, ": %s\n", answer->problem);
		return;
	}
	out_char(out, '\n');
	write_where(whose, answer);
	if (answer->has_type)
		write_type(whose, answer);
	write_symbol(whose, answer);
	if (answer->unit != NONE) {
		write_label(whose, "unit");
		write_name(whose,
			   whose->build->dwarf.units[answer->unit].name);
		out_char(out, '\n');
	}
	write_label(whose, "nature");
	out_format(out, "%s\n", nature_name(answer->nature));
	write_steps(whose, answer);
}

static int render_all(struct whose *whose, const char *const *places,
		      size_t count, struct err *err)
{
	bool json_wanted = whose->options->format == VMD_FORMAT_JSON;
	struct json json = { .out = &whose->out };
	int unknown = 0;

	if (json_wanted)
		json_open(&json, '[');
	for (size_t i = 0; i < count; i++) {
		struct answer answer;

		if (find(whose, places[i], &answer, err))
			return -1;
		unknown += answer.problem && unknown < INT_MAX;
		if (json_wanted)
			write_object(&json, whose, &answer);
		else
			write_text(whose, &answer);
	}
	if (json_wanted) {
		json_close(&json, ']');
		out_char(&whose->out, '\n');
	}
	return unknown;
}

int whose_render(const struct comparison *comparison,
		 const char *const *places, size_t count,
		 const struct vmd_options *options, FILE *stream,
		 struct err *err)
{
	struct whose whose = { .build = &comparison->builds[NEW],
			       .options = options };
	int result = -1;

	if (!spots_init(&whose.spots, whose.build, err) &&
	    !out_begin(&whose.out, stream, err)) {
		whose.out.demangle = !options->no_demangle;
		result = render_all(&whose, places, count, err);
		if (out_finish(&whose.out, err))
			result = -1;
	}
	free(whose.steps);
	dwarf_lines_release(&whose.build->dwarf, &whose.lines);
	spots_release(&whose.spots);
	return result;
}
