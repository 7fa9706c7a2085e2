/* SPDX-License-Identifier: MIT */
#include <linux.h>

static u64 contended;

void spin_lock(u32 *lock)
{
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE)) {
		contended++;
		__asm__ volatile("pause");
	}
}
EXPORT_SYMBOL(spin_lock);

void spin_unlock(u32 *lock)
{
	BUG_ON(!*lock);
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}
EXPORT_SYMBOL(spin_unlock);
