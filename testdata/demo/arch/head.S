/* SPDX-License-Identifier: MIT */
	.section .head.text, "ax"
	.globl startup_64
	.type startup_64, @function
startup_64:
	leaq init_stack+16384(%rip), %rsp
	xorl %ebp, %ebp
	call start_kernel
1:	hlt
	jmp 1b
	.size startup_64, . - startup_64

	.text
	.globl __switch_to_asm
	.type __switch_to_asm, @function
	.balign 16
__switch_to_asm:
	pushq %rbp
	pushq %rbx
	movq %rsp, (%rdi)
	movq (%rsi), %rsp
	popq %rbx
	popq %rbp
	ret
	.size __switch_to_asm, . - __switch_to_asm

	/* No size: what a label of assembly looks like. */
	.globl entry_syscall
	.balign 16
entry_syscall:
	swapgs
	pushq %rcx
	pushq %r11
	call schedule
	popq %r11
	popq %rcx
	swapgs
	sysretq

	.data
	.globl level2_kernel_pgt
	.type level2_kernel_pgt, @object
	.balign 4096
level2_kernel_pgt:		/* 256 x 2 MiB: a limit of 512 MiB */
	.set page, 0x1e3
	.rept 256
	.quad page
	.set page, page + 0x200000
	.endr
	.fill 256, 8, 0
	.size level2_kernel_pgt, . - level2_kernel_pgt

	.bss
	.globl init_stack
	.type init_stack, @object
	.balign 4096
init_stack:
	.skip 16384
	.size init_stack, . - init_stack

	.section .note.GNU-stack, "", @progbits
