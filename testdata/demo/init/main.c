/* SPDX-License-Identifier: MIT */
#include <linux.h>

extern initcall_t __initcall_start[], __initcall_end[];
extern const char linux_banner[];
void sched_init(void);
void mem_init(void);

static char command_line[512] __initdata = "console=ttyS0 quiet";
static u32 boot_checksum;

static int __init parse_options(char *line)
{
	int count = 0;

	for (char *at = line; *at; at++)
		if (*at == ' ' || *at == '=')
			count++;
	return count;
}

static void __init do_initcalls(void)
{
	for (initcall_t *call = __initcall_start; call < __initcall_end; call++)
		if ((*call)())
			panic("initcall failed");
}

void __init start_kernel(void)
{
	printk("%s", linux_banner);
	boot_checksum = crc32(0, command_line, string_length(command_line));
	mem_init();
	sched_init();
	parse_options(command_line);
	do_initcalls();
	schedule();
}
