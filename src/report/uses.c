/* SPDX-License-Identifier: MIT */
/*
 * Nodes of inline paths come after their parents, so one pass from the last
 * to the first adds up what is below each. A function that is inlined into
 * itself counts once: at the copy nearest to the host.
 */
#include "report/uses.h"

#include <stdlib.h>
#include <string.h>

#include "report/format.h"

/* Recursion is looked for this far up: inlining it goes no deeper. */
#define ANCESTORS 64u

static bool is_below_itself(const struct dwarf *dwarf, const uint32_t *keys,
			    uint32_t node)
{
	uint32_t at = dwarf->nodes[node].parent;

	for (unsigned i = 0; i < ANCESTORS && at != NONE; i++) {
		if (keys[at] == keys[node])
			return true;
		at = dwarf->nodes[at].parent;
	}
	return false;
}

/* Bytes of one domain that lie in or below each node; malloc'ed. */
static uint64_t *bytes_through(const struct build *build, uint8_t domain)
{
	const struct dwarf *dwarf = &build->dwarf;
	const struct ledger *ledger = &build->ledger;
	uint64_t *through = calloc((size_t)dwarf->node_count + 1,
				   sizeof(*through));

	for (uint32_t i = 0; through && i < ledger->count; i++) {
		const struct entry *entry = &ledger->entries[i];

		if ((entry->domains & domain) &&
		    entry->path < dwarf->node_count)
			through[entry->path] += entry->size;
	}
	for (uint32_t i = dwarf->node_count; through && i-- > 0;)
		if (dwarf->nodes[i].parent < i)
			through[dwarf->nodes[i].parent] += through[i];
	return through;
}

static void find_side(struct keys *keys, unsigned side, const uint64_t *file,
		     const uint64_t *image)
{
	const struct dwarf *dwarf = &keys->comparison->builds[side].dwarf;

	for (uint32_t i = 0; i < dwarf->node_count; i++) {
		uint32_t key = keys->inlinee[side][i];
		struct inline_use *use = &keys->uses[key];

		if (!file[i] && !image[i])
			continue;
		use->copies[side]++;
		if (is_below_itself(dwarf, keys->inlinee[side], i))
			continue;
		use->file[side] += file[i];
		use->image[side] += image[i];
	}
}

bool uses_wanted(const struct dimension_list *list)
{
	return !strcmp(list->at[0]->name, "inlinee");
}

int uses_find(struct keys *keys, struct err *err)
{
	int result = 0;

	if (keys->uses)
		return 0;
	keys->use_count = keys->names.count;
	keys->uses = arena_array(&keys->arena, keys->use_count,
				 sizeof(*keys->uses));
	if (!keys->uses)
		return err_oom(err, "counting inlined functions");
	for (unsigned side = OLD; side < SIDES && result == 0; side++) {
		const struct build *build =
			comparison_build(keys->comparison, side);
		uint64_t *file, *image;

		if (!build)
			continue;
		file = bytes_through(build, IN_FILE);
		image = bytes_through(build, IN_IMAGE);
		if (file && image)
			find_side(keys, side, file, image);
		else
			result = err_oom(err, "counting inlined functions");
		free(file);
		free(image);
	}
	return result;
}

const struct inline_use *use_of(const struct groups *groups, uint32_t group)
{
	const struct dimension *dimension = groups_dimension(groups, group);
	uint32_t key = groups->list[group].key;

	/* Below another dimension the figures would be of all of it. */
	if (!dimension || strcmp(dimension->name, "inlinee") != 0 ||
	    groups->list[group].parent > GROUP_FILTERED ||
	    !groups->keys->uses || key >= groups->keys->use_count)
		return NULL;
	if (!groups->keys->uses[key].copies[OLD] &&
	    !groups->keys->uses[key].copies[NEW])
		return NULL;
	return &groups->keys->uses[key];
}

static const char *pair_text(struct arena *arena, uint64_t old, uint64_t new,
			     bool single)
{
	char texts[SIDES][NUMBER_MAX];
	const char *text;

	format_size(texts[OLD], old);
	format_size(texts[NEW], new);
	text = single || old == new ?
		arena_printf(arena, "%s", texts[NEW]) :
		arena_printf(arena, "%s -> %s", texts[OLD], texts[NEW]);
	return text ? text : "";
}

struct text use_text(struct arena *arena, const struct inline_use *use,
		     enum vmd_domain domain, bool single)
{
	const uint64_t *through = domain == VMD_DOMAIN_FILE ? use->file :
							      use->image;
	const char *text = arena_printf(
		arena, "%s copies, %s bytes through it",
		pair_text(arena, use->copies[OLD], use->copies[NEW], single),
		pair_text(arena, through[OLD], through[NEW], single));

	if (!text)
		text = "";
	return (struct text){ text, strlen(text) };
}
