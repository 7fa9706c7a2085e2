/* SPDX-License-Identifier: MIT */
/*
 * Who owns which stretch of a section, from symbols alone. Sized symbols are
 * swept front to end with a stack of those still open: the innermost, the one
 * that began last, owns a byte. Each is pushed and popped once, so a million
 * overlapping symbols cost a million steps. Then the labels of size 0 get
 * what nobody covers, up to the next symbol.
 *
 * Names at the same place with the same extent are one owner: `owner` of
 * each is the one that places_prefer() likes best.
 */
#include "ledger/spans.h"

#include <stdlib.h>

#include "ledger/marker.h"
#include "ledger/places.h"
#include "ledger/side_tables.h"

void symbol_spans_release(struct symbol_spans *spans)
{
	free(spans->list);
	free(spans->stack);
	*spans = (struct symbol_spans){ 0 };
}

static int add_span(struct symbol_spans *spans, uint64_t start, uint64_t end,
		    uint32_t symbol, uint32_t flags, struct err *err)
{
	struct span *list;

	if (start >= end)
		return 0;
	list = array_grow(spans->list, &spans->capacity, spans->count + 1,
			  sizeof(*list));
	if (!list)
		return err_oom(err, "booking symbols");
	spans->list = list;
	list[spans->count++] = (struct span){ start, end, symbol, flags };
	return 0;
}

static int push(struct symbol_spans *spans, uint32_t symbol, struct err *err)
{
	uint32_t *stack = array_grow(spans->stack, &spans->stack_capacity,
				     spans->depth + 1, sizeof(*stack));

	if (!stack)
		return err_oom(err, "booking symbols");
	spans->stack = stack;
	stack[spans->depth++] = symbol;
	return 0;
}

/* One section's sweep. */
struct sweep {
	const struct image *image;
	struct ledger *ledger;
	const struct side_tables *tables;
	struct symbol_spans *spans;
	const uint32_t *order; /* the section's symbols */
	uint32_t count;
	uint64_t size;         /* of the section */
	uint64_t at;           /* booked so far */
	bool derive;           /* labels own bytes (not in NOBITS) */
};

static uint64_t end_of(const struct sweep *sweep, uint32_t symbol)
{
	const struct symbol *s = &sweep->image->symbols[symbol];

	return s->value + min_u64(s->size, sweep->size - s->value);
}

/* Gives what open symbols still own up to `limit` to them. */
static int close_until(struct sweep *sweep, uint64_t limit, struct err *err)
{
	struct symbol_spans *spans = sweep->spans;

	while (spans->depth && sweep->at < limit) {
		uint32_t symbol = spans->stack[spans->depth - 1];
		uint64_t end = end_of(sweep, symbol);

		if (end > sweep->at) {
			if (add_span(spans, sweep->at, min_u64(end, limit),
				     symbol, 0, err))
				return -1;
			sweep->at = min_u64(end, limit);
		}
		if (end <= limit)
			spans->depth--;
	}
	return 0;
}

/* Makes `symbols` names of one owner and returns the one that stands for it. */
static uint32_t join_aliases(struct sweep *sweep, const uint32_t *symbols,
			     uint32_t count)
{
	struct ledger *ledger = sweep->ledger;
	uint32_t best = symbols[0];
	uint32_t *link;

	for (uint32_t i = 1; i < count; i++)
		if (places_prefer(sweep->image, symbols[i], best))
			best = symbols[i];
	link = &ledger->next_alias[best];
	for (uint32_t i = 0; i < count; i++) {
		ledger->owner[symbols[i]] = best;
		if (symbols[i] == best)
			continue;
		*link = symbols[i];
		link = &ledger->next_alias[symbols[i]];
	}
	return best;
}

static uint32_t alias_run(const struct sweep *sweep, uint32_t first)
{
	const struct symbol *symbols = sweep->image->symbols;
	const struct symbol *a = &symbols[sweep->order[first]];
	uint32_t i = first + 1;

	while (i < sweep->count &&
	       symbols[sweep->order[i]].value == a->value &&
	       symbols[sweep->order[i]].size == a->size)
		i++;
	return i - first;
}

/*
 * A label of size 0 where an open or just opened symbol begins is one more
 * name of it; inside one it names nothing of its own.
 */
static void label_covered(struct sweep *sweep, uint32_t symbol)
{
	const struct symbol *symbols = sweep->image->symbols;
	struct symbol_spans *spans = sweep->spans;
	uint32_t inner;

	if (!spans->depth)
		return;
	inner = spans->stack[spans->depth - 1];
	if (symbols[inner].value != symbols[symbol].value ||
	    marker_is_edge(image_symbol_name(sweep->image, symbol)))
		return;
	sweep->ledger->owner[symbol] = inner;
	sweep->ledger->next_alias[symbol] = sweep->ledger->next_alias[inner];
	sweep->ledger->next_alias[inner] = symbol;
}

static bool is_edge(const struct sweep *sweep, uint32_t symbol)
{
	return marker_is_edge(image_symbol_name(sweep->image, symbol));
}

/* Labels at one uncovered place: the names of all but edges are one owner. */
static int label_open(struct sweep *sweep, uint32_t first, uint32_t run,
		      struct err *err)
{
	const struct symbol *symbols = sweep->image->symbols;
	uint64_t value = symbols[sweep->order[first]].value;
	uint64_t next = sweep->size;
	uint32_t owner = NONE;
	uint32_t *link = NULL;

	if (first + run < sweep->count)
		next = symbols[sweep->order[first + run]].value;
	if (value >= next || !sweep->derive)
		return 0;
	for (uint32_t i = first; i < first + run; i++) {
		uint32_t symbol = sweep->order[i];

		if (is_edge(sweep, symbol))
			continue;
		if (owner == NONE ||
		    places_prefer(sweep->image, symbol, owner))
			owner = symbol;
	}
	if (owner == NONE)
		return 0;
	link = &sweep->ledger->next_alias[owner];
	for (uint32_t i = first; i < first + run; i++) {
		uint32_t symbol = sweep->order[i];

		if (is_edge(sweep, symbol))
			continue;
		sweep->ledger->owner[symbol] = owner;
		if (symbol == owner)
			continue;
		*link = symbol;
		link = &sweep->ledger->next_alias[symbol];
	}
	/* What follows the last table of kallsyms is not kallsyms'. */
	next = value + min_u64(next - value,
			       kallsyms_size(&sweep->tables->kallsyms, owner));
	sweep->at = next;
	return add_span(sweep->spans, value, next, owner, ENTRY_DERIVED, err);
}

static int take_run(struct sweep *sweep, uint32_t first, uint32_t run,
		    struct err *err)
{
	const struct symbol *s =
		&sweep->image->symbols[sweep->order[first]];

	if (close_until(sweep, s->value, err))
		return -1;
	if (s->value > sweep->at)
		sweep->at = s->value;
	if (s->size)
		return push(sweep->spans,
			    join_aliases(sweep, sweep->order + first, run),
			    err);
	if (sweep->spans->depth) {
		for (uint32_t i = first; i < first + run; i++)
			label_covered(sweep, sweep->order[i]);
		return 0;
	}
	return label_open(sweep, first, run, err);
}

uint32_t spans_sole(const struct booking *booking)
{
	const struct places *places = booking->places;
	const struct symbol *s;
	uint32_t first = places->first[booking->section], symbol;

	if (places->first[booking->section + 1] - first != 1)
		return NONE;
	symbol = places->order[first];
	s = &booking->build->image.symbols[symbol];
	if (s->value || s->size != booking->size || !s->size)
		return NONE;
	booking->build->ledger.owner[symbol] = symbol;
	return symbol;
}

int spans_collect(struct booking *booking, struct err *err)
{
	const struct places *places = booking->places;
	const struct image *image = &booking->build->image;
	uint32_t section = booking->section;
	struct sweep sweep = {
		.image = image,
		.ledger = &booking->build->ledger,
		.tables = side_tables_of(booking->build, err),
		.spans = booking->spans,
		.order = places->order + places->first[section],
		.count = places->first[section + 1] - places->first[section],
		.size = booking->size,
		.derive = image_section_data(image, section) != NULL,
	};

	if (!sweep.tables)
		return -1;
	sweep.spans->count = sweep.spans->depth = 0;
	for (uint32_t i = 0, run; i < sweep.count; i += run) {
		run = alias_run(&sweep, i);
		if (take_run(&sweep, i, run, err))
			return -1;
	}
	return close_until(&sweep, sweep.size, err);
}
