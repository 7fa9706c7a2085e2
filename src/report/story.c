/* SPDX-License-Identifier: MIT */
#include "report/story.h"

#include <string.h>

#include "report/format.h"

static bool is_called(const struct groups *groups, uint32_t group,
		      const char *name)
{
	const struct dimension *dimension = groups_dimension(groups, group);

	return dimension && strcmp(dimension->name, name) == 0;
}

struct story story_of(const struct groups *groups, uint32_t group)
{
	const struct causes *causes = &groups->keys->comparison->causes;
	uint32_t parent = groups->list[group].parent;
	uint32_t key = groups->list[group].key;
	struct story story = { NULL, NULL };
	const uint32_t *function;

	if (key == NONE || parent == NONE || parent <= GROUP_FILTERED ||
	    !is_called(groups, group, "inlinee") ||
	    !is_called(groups, parent, "cause"))
		return story;
	function = map_find(&groups->keys->function_of, key);
	if (!function || groups->list[parent].key >= CAUSE_COUNT)
		return story;
	story.inlined = causes_story(causes, groups->list[parent].key,
				     *function);
	if (story.inlined)
		story.function = &causes->functions[*function];
	return story;
}

struct text story_text(struct arena *arena, const struct story *story)
{
	const struct inline_story *inlined = story->inlined;
	const uint64_t *outside;
	const char *text, *apart = "";

	if (!inlined)
		return (struct text){ "", 0 };
	outside = story->function->outside;
	if (outside[OLD] != outside[NEW])
		apart = arena_printf(arena, "%sout of line %llu -> %llu",
				     inlined->copies[OLD] +
				     inlined->copies[NEW] ? ", " : "",
				     (unsigned long long)outside[OLD],
				     (unsigned long long)outside[NEW]);
	if (inlined->copies[OLD] || inlined->copies[NEW])
		text = arena_printf(arena, "copies %u -> %u in %u -> %u "
				    "functions%s", inlined->copies[OLD],
				    inlined->copies[NEW], inlined->hosts[OLD],
				    inlined->hosts[NEW], apart ? apart : "");
	else
		text = apart;
	if (!text)
		text = "";
	return (struct text){ text, strlen(text) };
}

struct text story_origin(struct arena *arena, const struct groups *groups,
			 uint32_t group)
{
	struct inlinee_origin origin;
	const char *text;

	if (group <= GROUP_FILTERED || groups->list[group].key == NONE ||
	    !is_called(groups, group, "inlinee"))
		return (struct text){ "", 0 };
	origin = keys_inlinee_origin(groups->keys, groups->list[group].key);
	if (!origin.home.length ||
	    (origin.home.length == origin.declared.length &&
	     !memcmp(origin.home.at, origin.declared.at, origin.home.length)))
		return origin.declared;
	text = arena_printf(arena, "%.*s of %.*s", (int)origin.declared.length,
			    origin.declared.at, (int)origin.home.length,
			    origin.home.at);
	return text ? (struct text){ text, strlen(text) } : origin.declared;
}
