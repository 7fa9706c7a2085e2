/* SPDX-License-Identifier: MIT */
#ifndef DEMO_KERNEL_H
#define DEMO_KERNEL_H

/* What a kernel's headers do to its sections, in small. */

typedef unsigned long size_t;
typedef unsigned long long u64;
typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

#define NULL ((void *)0)
#define __section(name) __attribute__((__section__(name)))
#define __used __attribute__((__used__))
#define noinline __attribute__((__noinline__))
#define __always_inline inline __attribute__((__always_inline__))
#define __init __section(".init.text") __attribute__((__cold__))
#define __initdata __section(".init.data")
#define DEFINE_PER_CPU(type, name) \
	__section(".data..percpu") __typeof__(type) name
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

typedef int (*initcall_t)(void);

#define device_initcall(function) \
	static initcall_t __initcall_##function __used \
		__section(".initcall6.init") = function

struct kernel_symbol {
	const void *value;
	const char *name;
};

#define EXPORT_SYMBOL(symbol) \
	static const char __kstrtab_##symbol[] __used \
		__section("__ksymtab_strings") = #symbol; \
	static const struct kernel_symbol __ksymtab_##symbol __used \
		__section("__ksymtab") = { &symbol, __kstrtab_##symbol }

/* A record of __bug_table points at its own trap. */
#define BUG() do { \
	__asm__ volatile("1: ud2\n" \
		".pushsection __bug_table, \"aw\"\n" \
		".long 1b - ., 0 - ., 0\n.popsection"); \
	__builtin_unreachable(); \
} while (0)
#define BUG_ON(condition) do { if (__builtin_expect(!!(condition), 0)) BUG(); \
} while (0)

/* A load that may fault: __ex_table says where to go on. */
static __always_inline long get_user(const long *from, int *error)
{
	long value = 0;

	__asm__ volatile("1: movq %2, %0\n2:\n"
		".pushsection __ex_table, \"a\"\n"
		".long 1b - ., 2b - ., 0\n.popsection"
		: "+r"(value), "+r"(*error) : "m"(*from));
	return value;
}

int printk(const char *format, ...);
void panic(const char *why);

#endif
