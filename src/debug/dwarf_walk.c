/* SPDX-License-Identifier: MIT */
/*
 * One flat pass over a unit's DIEs. Where a DIE tells its sibling and no code
 * can lie below it, the pass jumps (GCC); else it steps over every DIE
 * (Clang writes no siblings). A stack of frames says in which function and
 * inlined copy the pass is. Nothing is recursive: the depth of the tree comes
 * from the file.
 */
#include "debug/dwarf_walk.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "debug/dwarf_path.h"

/* No compiler nests deeper; a unit that does is left where it does. */
#define DEPTH_LIMIT 4096u

/* A DIE whose children are being walked. */
struct frame {
	uint32_t host, node; /* what code inside belongs to */
	uint32_t extent;     /* index in walker.extents to be ended, or NONE */
};

int walker_init(struct walker *walker, struct dwarf_file *file, bool inlines)
{
	*walker = (struct walker){ .file = file, .inlines = inlines };
	walker->frames = calloc(DEPTH_LIMIT, sizeof(*walker->frames));
	if (!walker->frames || names_init(&walker->names, 1024) != 0)
		return -1;
	return 0;
}

void walker_release(struct walker *walker)
{
	abbrev_table_release(&walker->table);
	line_files_release(&walker->line);
	flatten_scratch_release(&walker->flatten);
	map_release(&walker->function_of);
	map_release(&walker->foreign_of);
	map_release(&walker->file_of);
	names_release(&walker->names);
	free(walker->ranges.list);
	free(walker->code);
	free(walker->frames);
	free(walker->functions);
	free(walker->nodes);
	free(walker->pieces.list);
	free(walker->extents);
	free(walker->variables);
	arena_release(&walker->arena);
	*walker = (struct walker){ 0 };
}

/* One unit's walk. */
struct pass {
	struct walker *walker;
	uint32_t index;
	struct unit *unit;
	struct walk_unit *out;
	struct cursor cursor;
	const uint8_t *info; /* start of .debug_info */
	uint32_t depth;
	uint64_t sibling; /* of the DIE just stepped over, or 0 */
	uint64_t lists;   /* lowest location list so far */
	const uint8_t *place; /* its location expression, or NULL */
	uint64_t place_size;
};

static uint64_t largest_address(const struct unit *unit)
{
	unsigned size = unit->format.address_size;

	return size == 8 ? UINT64_MAX : (1ull << 8 * size) - 1;
}

/* Linkers mark what they dropped with 0, 1, -1 or -2. */
static bool is_tombstone(const struct unit *unit, uint64_t address)
{
	return address <= 1 || address >= largest_address(unit) - 1;
}

static const struct mapped_span *span_of(struct walker *walker,
					  uint64_t address)
{
	if (!walker->span || address < walker->span->start ||
	    address >= walker->span->end)
		walker->span = address_map_code(&walker->file->map, address);
	return walker->span;
}

/* Keeps a range of code; counts those that no section holds. */
static bool add_code(struct pass *pass, uint64_t low, uint64_t high,
		     uint32_t host, uint32_t node)
{
	struct walker *walker = pass->walker;
	const struct mapped_span *span;
	struct code_range *list;
	uint32_t section;

	if (low >= high)
		return false;
	span = span_of(walker, low);
	section = span ? dwarf_file_section(walker->file, span->section) :
			 NONE;
	if (section == NONE) {
		if (is_tombstone(pass->unit, low))
			walker->tombstones++;
		else
			walker->outside++;
		return false;
	}
	if (high > span->end) {
		walker->outside++;
		high = span->end;
	}
	list = array_grow(walker->code, &walker->code_capacity,
			  walker->code_count + 1, sizeof(*list));
	if (!list) {
		walker->failed = true;
		return false;
	}
	walker->code = list;
	list[walker->code_count++] = (struct code_range){
		.start = low - span->start, .end = high - span->start,
		.section = section, .depth = pass->depth,
		.unit = pass->index, .host = host, .node = node,
	};
	return true;
}

/* The code of a DIE. True when some of it lies in a section. */
static bool add_die_code(struct pass *pass, const struct die *die,
			 uint32_t host, uint32_t node)
{
	struct walker *walker = pass->walker;
	const struct unit *unit = pass->unit;
	uint64_t low, high;
	bool any = false;

	if (die_has(die, SLOT_RANGES)) {
		struct address_ranges *ranges = &walker->ranges;

		if (ranges_read(ranges, walker->file, unit,
				&die->values[SLOT_RANGES]))
			walker->failed = true;
		pass->out->parts.ranges = min_u64(pass->out->parts.ranges,
						  ranges->offset);
		for (size_t i = 0; i < ranges->count; i++)
			any |= add_code(pass, ranges->list[i].low,
					ranges->list[i].high, host, node);
		return any;
	}
	if (!die_has(die, SLOT_LOW_PC) || !die_has(die, SLOT_HIGH_PC) ||
	    !value_address(walker->file, unit, &die->values[SLOT_LOW_PC],
			   &low))
		return false;
	if (!value_address(walker->file, unit, &die->values[SLOT_HIGH_PC],
			   &high)) {
		if (__builtin_add_overflow(
			    low, die->values[SLOT_HIGH_PC].number, &high))
			high = UINT64_MAX;
	}
	return add_code(pass, low, high, host, node);
}

static bool has_address(const struct die *die)
{
	return die->have & (1u << SLOT_RANGES | 1u << SLOT_LOW_PC);
}

/* A subprogram's first range tells whose DIEs these are. */
static uint32_t add_extent(struct pass *pass, const struct die *die,
			   size_t first_range)
{
	struct walker *walker = pass->walker;
	const struct code_range *range = &walker->code[first_range];
	struct dwarf_extent *list;

	list = array_grow(walker->extents, &walker->extent_capacity,
			  walker->extent_count + 1, sizeof(*list));
	if (!list) {
		walker->failed = true;
		return NONE;
	}
	walker->extents = list;
	list[walker->extent_count] = (struct dwarf_extent){
		.info = die->offset, .offset = range->start,
		.section = range->section, .unit = pass->index,
	};
	return (uint32_t)walker->extent_count++;
}

static struct frame enter_subprogram(struct pass *pass, const struct die *die,
				     struct frame around)
{
	struct frame frame = { NONE, NONE, NONE };
	size_t first = pass->walker->code_count;

	if (!has_address(die))
		return frame;
	frame.host = walker_function_of(pass->walker, pass->index, die);
	if (!add_die_code(pass, die, frame.host, NONE)) {
		frame.host = NONE;
		return frame;
	}
	/* Inside another function's DIEs it is a part of those. */
	if (around.host == NONE)
		frame.extent = add_extent(pass, die, first);
	return frame;
}

static struct frame enter_inlined(struct pass *pass, const struct die *die,
				  struct frame around)
{
	struct walker *walker = pass->walker;
	struct frame frame = { around.host, around.node, NONE };
	struct dwarf_node *list;
	struct dwarf_node node = { .parent = around.node, .host = around.host,
				   .call_file = 0 };

	/* Abstract instances have copies inside, but no code. */
	if (!walker->inlines || around.host == NONE)
		return frame;
	node.function = walker_function_of(walker, pass->index, die);
	if (die_has(die, SLOT_CALL_FILE))
		node.call_file = walker_file(walker, pass->unit,
					     &die->values[SLOT_CALL_FILE]);
	node.call_line = die_line(die, SLOT_CALL_LINE);
	list = array_grow(walker->nodes, &walker->node_capacity,
			  walker->node_count + 1, sizeof(*list));
	if (list)
		walker->nodes = list;
	if (!list || walker->node_count >= NONE || node.function == NONE) {
		walker->failed = true;
		return frame;
	}
	frame.node = (uint32_t)walker->node_count;
	list[walker->node_count++] = node;
	add_die_code(pass, die, frame.host, frame.node);
	return frame;
}

/* A variable whose whole location is one address. */
static void add_variable(struct pass *pass)
{
	struct walker *walker = pass->walker;
	const struct unit *unit = pass->unit;
	struct cursor cursor = { pass->place, pass->place + pass->place_size,
				 walker->file->swap, false };
	const struct mapped_span *span;
	struct dwarf_variable *list;
	uint64_t address;
	uint32_t section;

	switch (cursor_u8(&cursor)) {
	case DW_OP_addr:
		address = cursor_uint(&cursor, unit->format.address_size);
		break;
	case 0xa1: /* DW_OP_addrx */
	case 0xfb: /* DW_OP_GNU_addr_index */
		if (!dwarf_file_address(walker->file, unit,
					cursor_uleb(&cursor), &address))
			return;
		break;
	default:
		return;
	}
	if (cursor.failed || cursor.at != cursor.end || address == 0)
		return;
	span = address_map_any(&walker->file->map, address);
	section = span ? dwarf_file_section(walker->file, span->section) :
			 NONE;
	if (section == NONE)
		return;
	list = array_grow(walker->variables, &walker->variable_capacity,
			  walker->variable_count + 1, sizeof(*list));
	if (!list) {
		walker->failed = true;
		return;
	}
	walker->variables = list;
	list[walker->variable_count++] = (struct dwarf_variable){
		address - span->start, section, pass->index,
	};
}

static void step_one(struct pass *pass, const struct step *step)
{
	struct cursor *cursor = &pass->cursor;
	uint64_t number;

	switch (step->kind) {
	case STEP_FIXED:
		break;
	case STEP_ULEB:
		cursor_uleb(cursor);
		break;
	case STEP_BLOCK:
		number = cursor_uleb(cursor);
		cursor_skip(cursor, number);
		break;
	case STEP_BLOCK1:
		cursor_skip(cursor, cursor_u8(cursor));
		break;
	case STEP_BLOCK2:
		cursor_skip(cursor, cursor_u16(cursor));
		break;
	case STEP_BLOCK4:
		cursor_skip(cursor, cursor_u32(cursor));
		break;
	case STEP_STRING:
		cursor_string(cursor);
		break;
	case STEP_SIBLING:
		pass->sibling = step->size ? cursor_uint(cursor, step->size) :
					     cursor_uleb(cursor);
		break;
	case STEP_LIST:
		number = cursor_uint(cursor, step->size);
		pass->lists = min_u64(pass->lists, number);
		break;
	case STEP_RANGES:
		number = cursor_uint(cursor, step->size);
		pass->out->parts.ranges = min_u64(pass->out->parts.ranges,
						  number);
		break;
	case STEP_PLACE:
		pass->place_size = step->size ? cursor_u8(cursor) :
						cursor_uleb(cursor);
		pass->place = cursor->at;
		cursor_skip(cursor, pass->place_size);
		break;
	case STEP_INDIRECT:
		form_read(cursor, DW_FORM_indirect, 0, &pass->unit->format);
		break;
	default:
		cursor->failed = true;
	}
}

/*
 * Most DIEs have attributes of fixed length alone, and most others but a
 * sibling or a location list of 4 bytes: these need no more than `at`.
 */
static void step_over(struct pass *pass, const struct abbrev *abbrev)
{
	const struct step *step = &pass->walker->table.steps[abbrev->steps];
	struct cursor *cursor = &pass->cursor;
	const uint8_t *at = cursor->at, *end = cursor->end;
	bool plain = !cursor->swap;

	pass->sibling = 0;
	pass->place = NULL;
	for (;; step++) {
		uint32_t number;

		if (step->fixed > end - at) {
			cursor->failed = true;
			return;
		}
		at += step->fixed;
		if (step->kind == STEP_END)
			break;
		if (plain && step->size == sizeof(number) &&
		    end - at >= (ptrdiff_t)sizeof(number) &&
		    (step->kind == STEP_SIBLING || step->kind == STEP_LIST)) {
			memcpy(&number, at, sizeof(number));
			at += sizeof(number);
			if (step->kind == STEP_SIBLING)
				pass->sibling = number;
			else
				pass->lists = min_u64(pass->lists, number);
			continue;
		}
		cursor->at = at;
		step_one(pass, step);
		if (cursor->failed)
			return;
		at = cursor->at;
	}
	cursor->at = at;
}

static bool jump_to(struct pass *pass, uint64_t sibling)
{
	const uint8_t *to = pass->info + pass->unit->offset + sibling;

	/* Only forwards: a jump back would never end. */
	if (sibling == 0 ||
	    sibling >= pass->unit->end - pass->unit->offset ||
	    to <= pass->cursor.at)
		return false;
	pass->cursor.at = to;
	return true;
}

/* Leaves a DIE without walking its children; false if they must be walked. */
static bool leave(struct pass *pass, const struct abbrev *abbrev)
{
	if (abbrev->kind == DIE_LEAF ||
	    (abbrev->kind == DIE_TYPE && pass->unit->is_c))
		return jump_to(pass, pass->sibling);
	return false;
}

static void read_frame(struct pass *pass, const struct abbrev *abbrev,
		       uint64_t offset, struct frame *frame, bool *skip)
{
	struct walker *walker = pass->walker;
	struct frame around = *frame;
	struct die die;

	die.offset = offset;
	die_read(&die, &walker->table, abbrev, &pass->cursor,
		 &pass->unit->format);
	if (pass->cursor.failed)
		return;
	if (die_has(&die, SLOT_FRAME_BASE) &&
	    die.values[SLOT_FRAME_BASE].kind == VALUE_OFFSET)
		pass->lists = min_u64(pass->lists,
				      die.values[SLOT_FRAME_BASE].number);
	*frame = abbrev->kind == DIE_SUBPROGRAM ?
			 enter_subprogram(pass, &die, around) :
			 enter_inlined(pass, &die, around);
	pass->sibling = die_has(&die, SLOT_SIBLING) ?
				die.values[SLOT_SIBLING].number : 0;
	/* Declarations have parameters only, in C. */
	*skip = abbrev->kind == DIE_SUBPROGRAM && pass->unit->is_c &&
		die_has(&die, SLOT_DECLARATION) && !has_address(&die);
	/* Without children the extent is the DIE itself. */
	if (!abbrev->children && frame->extent != NONE &&
	    frame->extent != around.extent)
		walker->extents[frame->extent].size =
			(uint64_t)(pass->cursor.at - pass->info) - offset;
}

static void end_extent(struct pass *pass, const struct frame *frame)
{
	struct dwarf_extent *extent;

	if (frame->extent == NONE)
		return;
	extent = &pass->walker->extents[frame->extent];
	extent->size = (uint64_t)(pass->cursor.at - pass->info) - extent->info;
}

/* Steps over one DIE; false at the end of the tree. */
static bool walk_die(struct pass *pass)
{
	struct walker *walker = pass->walker;
	uint64_t offset = (uint64_t)(pass->cursor.at - pass->info);
	uint64_t code = cursor_uleb(&pass->cursor);
	const struct abbrev *abbrev;
	struct frame frame;
	bool skip = false;

	if (code == 0) {
		end_extent(pass, &walker->frames[pass->depth]);
		return --pass->depth > 0;
	}
	abbrev = abbrev_find(&walker->table, code);
	if (!abbrev) {
		pass->cursor.failed = true;
		return false;
	}
	if (abbrev->kind == DIE_SUBPROGRAM || abbrev->kind == DIE_INLINED) {
		frame = walker->frames[pass->depth];
		frame.extent = NONE;
		read_frame(pass, abbrev, offset, &frame, &skip);
	} else {
		step_over(pass, abbrev);
		if (abbrev->kind == DIE_VARIABLE && pass->place &&
		    !pass->cursor.failed)
			add_variable(pass);
		if (!abbrev->children)
			return !pass->cursor.failed && !walker->failed;
		frame = walker->frames[pass->depth];
		frame.extent = NONE;
	}
	if (!abbrev->children || pass->cursor.failed ||
	    (skip && jump_to(pass, pass->sibling)) || leave(pass, abbrev))
		return !pass->cursor.failed && !walker->failed;
	if (pass->depth + 1 == DEPTH_LIMIT) {
		walker->deep++;
		return false;
	}
	walker->frames[++pass->depth] = frame;
	return !walker->failed;
}

static uint64_t section_offset(const struct die *die, enum slot slot)
{
	if (!die_has(die, slot) ||
	    (die->values[slot].kind != VALUE_OFFSET &&
	     die->values[slot].kind != VALUE_NUMBER))
		return DWARF_NOWHERE;
	return die->values[slot].number;
}

static uint64_t base_of(uint64_t offset)
{
	return offset == DWARF_NOWHERE ? 0 : offset;
}

static bool is_c_language(uint64_t language)
{
	switch (language) {
	case DW_LANG_C89:
	case DW_LANG_C:
	case DW_LANG_C99:
	case DW_LANG_C11:
	case 0x2c: /* DW_LANG_C17 */
	case DW_LANG_Mips_Assembler:
		return true;
	default:
		return false;
	}
}

/* What the rest of the unit needs of its first DIE. Bases come first. */
static void read_unit_die(struct pass *pass, const struct die *die)
{
	struct dwarf_file *file = pass->walker->file;
	struct unit *unit = pass->unit;
	struct dwarf_parts *parts = &pass->out->parts;
	char path[PATH_LIMIT];

	parts->str_offsets = section_offset(die, SLOT_STR_OFFSETS_BASE);
	parts->addr = section_offset(die, SLOT_ADDR_BASE);
	parts->line = section_offset(die, SLOT_STMT_LIST);
	parts->locations = section_offset(die, SLOT_LOCLISTS_BASE);
	parts->ranges = section_offset(die, SLOT_RNGLISTS_BASE);
	unit->str_offsets_base = base_of(parts->str_offsets);
	unit->addr_base = base_of(parts->addr);
	unit->rnglists_base = base_of(parts->ranges);
	unit->loclists_base = base_of(parts->locations);
	unit->line = parts->line;
	if (die_has(die, SLOT_LOW_PC) &&
	    !value_address(file, unit, &die->values[SLOT_LOW_PC], &unit->base))
		unit->base = 0;
	unit->comp_dir = die_has(die, SLOT_COMP_DIR) ?
		value_string(file, unit, &die->values[SLOT_COMP_DIR]) : "";
	unit->producer = die_has(die, SLOT_PRODUCER) ?
		value_string(file, unit, &die->values[SLOT_PRODUCER]) : "";
	unit->name = die_has(die, SLOT_NAME) ?
		value_string(file, unit, &die->values[SLOT_NAME]) : "";
	if (die_has(die, SLOT_DWO_NAME)) {
		pass->walker->split++;
		/* The skeleton of a unit has no other name. */
		if (!*unit->name)
			unit->name = value_string(file, unit,
				&die->values[SLOT_DWO_NAME]);
	}
	if (die_has(die, SLOT_LANGUAGE))
		unit->language = (uint16_t)die->values[SLOT_LANGUAGE].number;
	unit->is_c = is_c_language(unit->language);
	path_make(path, sizeof(path), unit->comp_dir, "", unit->name);
	pass->out->name = arena_strndup(&pass->walker->arena, path,
					strlen(path));
	if (!pass->out->name) {
		pass->out->name = "";
		pass->walker->failed = true;
	}
}

static void walk_tree(struct pass *pass)
{
	struct walker *walker = pass->walker;
	const struct abbrev *abbrev;
	struct die die;

	pass->cursor = dwarf_file_cursor(walker->file, DEBUG_INFO,
					 pass->unit->die, pass->unit->end);
	if (pass->cursor.failed || pass->cursor.at == pass->cursor.end)
		return;
	die.offset = pass->unit->die;
	abbrev = abbrev_find(&walker->table, cursor_uleb(&pass->cursor));
	if (!abbrev || pass->cursor.failed) {
		walker->broken++;
		return;
	}
	die_read(&die, &walker->table, abbrev, &pass->cursor,
		 &pass->unit->format);
	if (pass->cursor.failed) {
		walker->broken++;
		return;
	}
	read_unit_die(pass, &die);
	add_die_code(pass, &die, NONE, NONE);
	/* ThinLTO's copies have functions, but none with code. */
	if (!abbrev->children || (walker->code_count > 0 && !walker->inlines) ||
	    (walker->code_count == 0 && !walker->table.has_code &&
	     pass->unit->is_c))
		return;
	pass->depth = 1;
	walker->frames[1] = (struct frame){ NONE, NONE, NONE };
	while (pass->cursor.at < pass->cursor.end && walk_die(pass))
		;
	if (pass->cursor.failed)
		walker->broken++;
}

/* An extent that the end of a broken unit left open owns nothing. */
static void close_extents(struct walker *walker, struct walk_unit *out)
{
	out->extent_count = (uint32_t)walker->extent_count - out->extents;
	while (out->extent_count > 0 &&
	       walker->extents[walker->extent_count - 1].size == 0) {
		walker->extent_count--;
		out->extent_count--;
	}
}

void walker_unit(struct walker *walker, uint32_t index, struct walk_unit *out)
{
	struct pass pass = {
		.walker = walker, .index = index, .out = out,
		.unit = &walker->file->units[index],
		.info = walker->file->sections[DEBUG_INFO].data,
		.lists = DWARF_NOWHERE,
	};

	out->functions = (uint32_t)walker->function_count;
	out->nodes = (uint32_t)walker->node_count;
	out->pieces = (uint32_t)walker->pieces.count;
	out->extents = (uint32_t)walker->extent_count;
	out->variables = (uint32_t)walker->variable_count;
	out->parts = (struct dwarf_parts){ pass.unit->abbrev, DWARF_NOWHERE,
					   DWARF_NOWHERE, DWARF_NOWHERE,
					   DWARF_NOWHERE, DWARF_NOWHERE };
	out->name = "";
	pass.unit->line = DWARF_NOWHERE;
	pass.unit->name = pass.unit->comp_dir = pass.unit->producer = "";
	walker->code_count = 0;
	map_clear(&walker->function_of);
	if (walker_table(walker, pass.unit))
		walk_tree(&pass);
	else
		walker->broken++;
	out->parts.locations = min_u64(out->parts.locations, pass.lists);
	out->has_code = walker->code_count > 0;
	if (flatten(walker->code, walker->code_count, &walker->pieces,
		    &walker->flatten))
		walker->failed = true;
	out->function_count = (uint32_t)walker->function_count -
			      out->functions;
	out->node_count = (uint32_t)walker->node_count - out->nodes;
	out->piece_count = (uint32_t)(walker->pieces.count - out->pieces);
	out->variable_count = (uint32_t)walker->variable_count -
			      out->variables;
	close_extents(walker, out);
}
