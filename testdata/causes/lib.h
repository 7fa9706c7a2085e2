/* SPDX-License-Identifier: MIT */
#ifndef LIB_H
#define LIB_H

unsigned int checksum(unsigned int x);
unsigned int hash_name(unsigned int x);
unsigned int mix_pool(unsigned int x);

extern volatile unsigned int port[16];

#endif
