/* SPDX-License-Identifier: MIT */
/*
 * Call frame information: a list of entries, each with its length. An FDE
 * starts with the address of its function; in a relocatable file that is what
 * the relocation of this field says. A CIE holds what FDEs have in common: it
 * goes to the unit of the FDE behind it, which is how compilers write them.
 *
 * Sources: DWARF 5, section 6.4.1; LSB Core 5, section 10.6.1 (.eh_frame).
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "debug/address_map.h"
#include "debug/cursor.h"
#include "ledger/book_debug.h"
#include "ledger/owners.h"

/* Pointer encodings: LSB Core 5, section 10.5.1. */
#define ENCODING_ABSOLUTE 0x00u
#define ENCODING_OMIT 0xffu
#define ENCODING_PCREL 0x10u

struct target {
	uint64_t field;  /* offset in the section that is patched */
	uint64_t offset; /* of what it points at */
	uint32_t section;
};

struct frames {
	struct booking *booking;
	const uint8_t *data;
	bool eh;      /* .eh_frame, not .debug_frame */
	bool swap;
	struct address_map map;
	struct target *targets; /* ET_REL: by field */
	size_t target_count;
	uint64_t cie;     /* place of the CIE that was read last */
	uint8_t encoding; /* of its FDEs' addresses */
	uint8_t address_size;
	struct owners owners; /* FDEs are nearly in the order of functions */
};

bool frames_want(const struct booking *booking)
{
	const struct image *image = &booking->build->image;
	const struct section *section = &image->sections[booking->section];
	const char *name;

	if (section->type == SHT_NOBITS || (section->flags & SHF_COMPRESSED))
		return false;
	name = image_section_name(image, booking->section);
	if (strcmp(name, ".debug_frame") == 0)
		return booking->options->open_debug;
	return strcmp(name, ".eh_frame") == 0;
}

/* -- targets of relocations -- */

static int by_field(const void *a_, const void *b_)
{
	const struct target *a = a_, *b = b_;

	return a->field < b->field ? -1 : a->field > b->field;
}

static bool patches(const struct image *image, uint32_t index,
		    uint32_t section)
{
	const struct section *s = &image->sections[index];

	return (s->type == SHT_RELA || s->type == SHT_REL) &&
	       image->more[index].info == section;
}

static void add_targets(struct frames *frames, uint32_t records)
{
	const struct image *image = &frames->booking->build->image;
	uint64_t count = image_relocation_count(image, records);
	bool in_place = image->sections[records].type == SHT_REL;

	for (uint64_t i = 0; i < count; i++) {
		struct relocation record = image_relocation(image, records, i);
		const struct symbol *symbol;
		uint64_t offset;

		if (record.symbol >= image->symbol_count ||
		    record.offset > frames->booking->size - 4)
			continue;
		symbol = &image->symbols[record.symbol];
		if (symbol->section == SECTION_UNDEF ||
		    symbol->section >= image->section_count)
			continue;
		offset = symbol->value + (uint64_t)record.addend;
		if (in_place)
			offset += image_u32(image,
					    frames->data + record.offset);
		frames->targets[frames->target_count++] = (struct target){
			record.offset, offset, symbol->section };
	}
}

static int read_targets(struct frames *frames)
{
	const struct image *image = &frames->booking->build->image;
	uint32_t section = frames->booking->section;
	uint64_t count = 0;
	bool sorted = true;

	for (uint32_t k = 0; k < image->landmark_count; k++)
		if (patches(image, image->landmarks[k], section))
			count += image_relocation_count(image,
							image->landmarks[k]);
	frames->targets = calloc(count + 1, sizeof(*frames->targets));
	if (!frames->targets)
		return -1;
	if (frames->booking->size < 4)
		return 0;
	for (uint32_t k = 0; k < image->landmark_count; k++)
		if (patches(image, image->landmarks[k], section))
			add_targets(frames, image->landmarks[k]);
	for (size_t i = 1; i < frames->target_count && sorted; i++)
		sorted = frames->targets[i - 1].field <=
			 frames->targets[i].field;
	if (!sorted)
		qsort(frames->targets, frames->target_count,
		      sizeof(*frames->targets), by_field);
	return 0;
}

static const struct target *target_at(const struct frames *frames,
				      uint64_t field)
{
	struct target key = { .field = field };

	if (frames->target_count == 0)
		return NULL;
	return bsearch(&key, frames->targets, frames->target_count,
		       sizeof(*frames->targets), by_field);
}

/* -- entries -- */

/* What follows "zR...": the encoding of addresses in this CIE's FDEs. */
static void read_augmentation(struct frames *frames, struct cursor *cursor,
			      const char *text, uint8_t version)
{
	cursor_uleb(cursor); /* code alignment */
	cursor_sleb(cursor); /* data alignment */
	if (version == 1)
		cursor_u8(cursor);
	else
		cursor_uleb(cursor); /* return address register */
	if (*text++ != 'z')
		return;
	cursor_uleb(cursor); /* length of what follows */
	for (; *text; text++) {
		if (*text == 'R') {
			frames->encoding = cursor_u8(cursor);
			return;
		}
		if (*text == 'L') {
			cursor_u8(cursor);
		} else if (*text == 'P') {
			uint8_t encoding = cursor_u8(cursor) & 0x0f;

			cursor_skip(cursor, encoding == 0 ?
					frames->address_size :
					encoding == 2 || encoding == 10 ? 2 :
					encoding == 4 || encoding == 12 ? 8 :
									  4);
		}
	}
}

static void read_cie(struct frames *frames, struct cursor cursor,
		     uint64_t start)
{
	uint8_t version = cursor_u8(&cursor);
	const char *augmentation = cursor_string(&cursor);

	frames->cie = start;
	frames->encoding = ENCODING_ABSOLUTE;
	frames->address_size = frames->booking->build->image.is64 ? 8 : 4;
	if (version >= 4 && !frames->eh) {
		frames->address_size = cursor_u8(&cursor);
		cursor_u8(&cursor);
	}
	if (frames->eh)
		read_augmentation(frames, &cursor, augmentation, version);
}

/* The code that an FDE is about; false where that cannot be told. */
static bool read_place(const struct frames *frames, struct cursor cursor,
		       uint32_t *section, uint64_t *offset)
{
	const struct image *image = &frames->booking->build->image;
	uint64_t field = (uint64_t)(cursor.at - frames->data), value;
	const struct mapped_span *span;
	unsigned form = frames->encoding & 0x0f;

	if (image->type == ET_REL) {
		const struct target *target = target_at(frames, field);

		if (!target)
			return false;
		*section = target->section;
		*offset = target->offset;
		return true;
	}
	if (frames->encoding == ENCODING_OMIT)
		return false;
	switch (form) {
	case 0x0:
		value = cursor_uint(&cursor, frames->address_size);
		break;
	case 0x2:
	case 0xa:
		value = (uint64_t)(int16_t)cursor_u16(&cursor);
		break;
	case 0x3:
		value = cursor_u32(&cursor);
		break;
	case 0xb:
		value = (uint64_t)(int32_t)cursor_u32(&cursor);
		break;
	default:
		value = cursor_u64(&cursor);
	}
	if ((frames->encoding & 0x70) == ENCODING_PCREL)
		value += image->more[frames->booking->section].addr +
			 field;
	if (!image->is64)
		value &= UINT32_MAX;
	span = address_map_code(&frames->map, value);
	if (cursor.failed || !span)
		return false;
	*section = span->section;
	*offset = value - span->start;
	return true;
}

static struct owner owner_at(struct frames *frames, struct cursor cursor)
{
	uint8_t nature = frames->eh ? NATURE_RECORD : NATURE_DEBUG;
	struct owner owner = OWNER_NONE(nature);
	const struct entry *code;
	struct place place;

	if (!read_place(frames, cursor, &place.section, &place.offset))
		return owner;
	code = owners_at(&frames->owners, place);
	if (!code)
		return owner;
	owner.symbol = code->symbol;
	owner.unit = code->unit;
	return owner;
}

/* One entry of the list. */
struct frame_entry {
	uint64_t end;
	struct cursor body; /* behind the CIE's id or the FDE's pointer */
	bool is_cie;
	uint64_t cie; /* of an FDE: where its CIE is */
};

/* False where there is none, or none that can be read. */
static bool read_entry(const struct frames *frames, uint64_t at,
		       struct frame_entry *entry)
{
	uint64_t size = frames->booking->size, length, id, id_at;
	struct cursor cursor = { frames->data + at, frames->data + size,
				 frames->swap, false };
	unsigned offset_size = 4;

	length = cursor_u32(&cursor);
	if (length == 0xffffffff) {
		length = cursor_u64(&cursor);
		offset_size = 8;
	}
	if (cursor.failed || length < 4 || length > cursor_left(&cursor))
		return false;
	cursor.end = cursor.at + length;
	entry->end = (uint64_t)(cursor.end - frames->data);
	id_at = (uint64_t)(cursor.at - frames->data);
	id = cursor_uint(&cursor, frames->eh ? 4 : offset_size);
	entry->is_cie = frames->eh ? id == 0 :
			id == (offset_size == 8 ? UINT64_MAX : UINT32_MAX);
	entry->cie = frames->eh ? id_at - id : id;
	/* The pointer to a CIE in an ET_REL .debug_frame is relocated. */
	if (!frames->eh && !entry->is_cie) {
		const struct target *target = target_at(frames, id_at);

		if (target && target->section == frames->booking->section)
			entry->cie = target->offset;
	}
	entry->body = cursor;
	return !cursor.failed;
}

static int take_entry(struct frames *frames, const struct frame_entry *entry,
		      struct err *err)
{
	struct booking *booking = frames->booking;
	uint8_t nature = frames->eh ? NATURE_RECORD : NATURE_DEBUG;
	struct owner owner = OWNER_NONE(nature);
	struct frame_entry other;

	if (entry->is_cie) {
		read_cie(frames, entry->body, booking->at);
		if (entry->end < booking->size &&
		    read_entry(frames, entry->end, &other) &&
		    !other.is_cie && other.cie == booking->at)
			owner.unit = owner_at(frames, other.body).unit;
	} else {
		if (entry->cie != frames->cie && entry->cie < booking->at &&
		    read_entry(frames, entry->cie, &other) && other.is_cie)
			read_cie(frames, other.body, entry->cie);
		owner = owner_at(frames, entry->body);
	}
	return booking_take(booking, entry->end - booking->at, owner, err);
}

static int book_entries(struct frames *frames, struct err *err)
{
	struct booking *booking = frames->booking;
	uint8_t nature = frames->eh ? NATURE_RECORD : NATURE_DEBUG;
	struct frame_entry entry;

	while (booking->at < booking->size &&
	       read_entry(frames, booking->at, &entry))
		if (take_entry(frames, &entry, err))
			return -1;
	/* The end mark of .eh_frame, or what cannot be read. */
	return booking_take(booking, booking->size - booking->at,
			    OWNER_NONE(nature), err);
}

int frames_book(struct booking *booking, struct err *err)
{
	const struct image *image = &booking->build->image;
	struct frames frames = {
		.booking = booking,
		.data = image_section_data(image, booking->section),
		.eh = strcmp(image_section_name(image, booking->section),
			     ".eh_frame") == 0,
		.swap = image->big_endian != (BYTE_ORDER == BIG_ENDIAN),
		.cie = UINT64_MAX,
	};
	int result = -1;

	if (!frames.data)
		return booking_take(booking, booking->size,
				    OWNER_NONE(NATURE_DEBUG), err);
	owners_init(&frames.owners, &booking->build->ledger);
	if (address_map_init(&frames.map, image) ||
	    (image->type == ET_REL && read_targets(&frames)))
		err_oom(err, "booking frames");
	else
		result = book_entries(&frames, err);
	address_map_release(&frames.map);
	free(frames.targets);
	return result;
}
