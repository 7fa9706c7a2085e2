/* SPDX-License-Identifier: MIT */
#include <linux.h>

static char log_buffer[8192];
static size_t log_end;
static u32 log_lock;

static void emit(char byte)
{
	log_buffer[log_end++ % sizeof(log_buffer)] = byte;
}

static void number(u64 value, unsigned base)
{
	char digits[24];
	int count = 0;

	do {
		digits[count++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (count)
		emit(digits[--count]);
}

int printk(const char *format, ...)
{
	__builtin_va_list arguments;

	spin_lock(&log_lock);
	__builtin_va_start(arguments, format);
	for (; *format; format++) {
		if (*format != '%') {
			emit(*format);
			continue;
		}
		switch (*++format) {
		case 's':
			for (const char *at = __builtin_va_arg(arguments,
					const char *); *at; at++)
				emit(*at);
			break;
		case 'd':
			number((u64)__builtin_va_arg(arguments, int), 10);
			break;
		case 'x':
			number(__builtin_va_arg(arguments, u32), 16);
			break;
		default:
			emit(*format);
		}
	}
	__builtin_va_end(arguments);
	spin_unlock(&log_lock);
	return 0;
}
EXPORT_SYMBOL(printk);

void panic(const char *why)
{
	printk("Kernel panic: %s\n", why);
	BUG();
}
EXPORT_SYMBOL(panic);
