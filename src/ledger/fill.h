/* SPDX-License-Identifier: MIT */
#ifndef VMDELTA_LEDGER_FILL_H
#define VMDELTA_LEDGER_FILL_H

/*
 * Fill: what assemblers and linkers put between symbols to align the next
 * one. In code it is zeros, traps and NOPs of the machine, in data zeros.
 */

#include <stdbool.h>
#include <stdint.h>

/* Up to this many bytes are padding of the symbol before; more is alignment. */
#define FILL_PADDING_MAX 64u

/* Bytes of fill at the front of [data, data+size); 0: it starts otherwise. */
uint64_t fill_front(uint16_t machine, bool big_endian, bool code,
		    const uint8_t *data, uint64_t size);

/*
 * Bytes of fill at the end, for extents that are not known from st_size. More
 * careful than the front, because operands and data may end in zeros: in code
 * a run of NOPs or traps, or at least 16 zeros; in data more than 64 zeros.
 */
uint64_t fill_back(uint16_t machine, bool big_endian, bool code,
		   const uint8_t *data, uint64_t size);

#endif
