/* SPDX-License-Identifier: MIT */
#include "match/symname.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

#define F true  /* a function */
#define D false /* data */

/* One block a row of the names table: real examples, then look-alikes. */
static const struct {
	const char *name;
	bool function;
	const char *canonical;
	enum symbol_class symbol_class;
	const char *parent;
	const char *module;
} names[] = {
	{ "pci_mmcfg_write.llvm.11139746372166482404", F, "pci_mmcfg_write",
	  SYM_PLAIN, NULL, "11139746372166482404" },
	{ ".str.115.llvm.9923618306306384265", D, ".str", SYM_ANONYMOUS, NULL,
	  "9923618306306384265" },
	{ "ibs_caps.llvm.DEADBEEF", D, "ibs_caps", SYM_PLAIN, NULL,
	  "DEADBEEF" },
	{ "foo.isra.0.llvm.12", F, "foo", SYM_CLONE, NULL, "12" },
	{ "llvm", F, "llvm", SYM_PLAIN, NULL, NULL },
	{ ".llvm.12", F, ".llvm.12", SYM_ANONYMOUS, NULL, NULL },
	{ "foo.llvm.bar", F, "foo.llvm.bar", SYM_PLAIN, NULL, NULL },

	{ "get_regno.isra.0", F, "get_regno", SYM_CLONE, NULL, NULL },
	{ "device_node_string.constprop.0.isra.0", F, "device_node_string",
	  SYM_CLONE, NULL, NULL },
	{ "foo.lto_priv.0", F, "foo", SYM_PLAIN, NULL, NULL },
	{ "table.lto_priv.12", D, "table", SYM_PLAIN, NULL, NULL },
	{ "foo.localalias", F, "foo", SYM_ALIAS, NULL, NULL },
	{ "foo.isra", F, "foo.isra", SYM_PLAIN, NULL, NULL },
	{ "isra.0", F, "isra", SYM_PLAIN, NULL, NULL },
	{ "constprop", F, "constprop", SYM_PLAIN, NULL, NULL },

	{ "fourcc_string.cold", F, "fourcc_string", SYM_COLD, "fourcc_string",
	  NULL },
	{ "foo.cold.1", F, "foo", SYM_COLD, "foo", NULL },
	{ "mptcp_check_listen_stop.part.0", F, "mptcp_check_listen_stop",
	  SYM_PART, "mptcp_check_listen_stop", NULL },
	{ "xfrm4_extract_output.isra.0.cold", F, "xfrm4_extract_output",
	  SYM_COLD, "xfrm4_extract_output.isra.0", NULL },
	{ "traverse.part.0.constprop.0", F, "traverse", SYM_PART, "traverse",
	  NULL },
	{ "mld_send_initial_cr.part.0.isra.0", F, "mld_send_initial_cr",
	  SYM_PART, "mld_send_initial_cr", NULL },
	{ "bar.part.0.cold", F, "bar", SYM_COLD, "bar.part.0", NULL },
	{ "part", F, "part", SYM_PLAIN, NULL, NULL },
	{ "cold", F, "cold", SYM_PLAIN, NULL, NULL },
	{ "foo.part", F, "foo.part", SYM_PLAIN, NULL, NULL },
	{ "foo.part.0", D, "foo.part", SYM_STATIC_LOCAL, NULL, NULL },
	{ "foo.5.bar", F, "foo.5.bar", SYM_PLAIN, NULL, NULL },
	{ "foo.coldest", F, "foo.coldest", SYM_PLAIN, NULL, NULL },

	{ "foo.argelim", F, "foo", SYM_CLONE, NULL, NULL },
	{ "foo.argprom.1", F, "foo", SYM_CLONE, NULL, NULL },
	{ "foo.retelim", F, "foo", SYM_CLONE, NULL, NULL },
	{ "foo.specialized.1", F, "foo", SYM_CLONE, NULL, NULL },
	{ "foo.specialized", F, "foo.specialized", SYM_PLAIN, NULL, NULL },

	{ "foo$1f3870be274f6c49b3e31a0c6728957f", F, "foo", SYM_PLAIN, NULL,
	  NULL },
	{ "foo.1f3870be274f6c49b3e31a0c6728957f", F, "foo", SYM_PLAIN, NULL,
	  NULL },
	{ "foo.__uniq.168742379472983749827349872934729384", F, "foo",
	  SYM_PLAIN, NULL, NULL },
	{ "foo.deadbeef", F, "foo.deadbeef", SYM_PLAIN, NULL, NULL },
	{ "foo$bar", F, "foo$bar", SYM_PLAIN, NULL, NULL },

	{ "foo.cfi_jt", F, "foo", SYM_CFI, "foo", NULL },
	{ "foo.cfi", F, "foo", SYM_PLAIN, NULL, NULL },
	{ "__cfi_check", F, "__cfi_check", SYM_CFI, NULL, NULL },
	{ "__cfi_check_fail", F, "__cfi_check_fail", SYM_CFI, NULL, NULL },
	{ "foo.cfi.1", F, "foo.cfi", SYM_PLAIN, NULL, NULL },

	{ "__cfi_vfs_read", F, "vfs_read", SYM_CFI, "vfs_read", NULL },
	{ "__cfi_", F, "__cfi_", SYM_PLAIN, NULL, NULL },
	{ "__pfx_vfs_read", F, "vfs_read", SYM_PREFIX, "vfs_read", NULL },
	{ "__pfx_foo.isra.0", F, "foo", SYM_PREFIX, "foo.isra.0", NULL },
	{ "__pfx_table", D, "__pfx_table", SYM_PLAIN, NULL, NULL },

	{ "__kcfi_typeid_ext4_file_open", D, "__kcfi_typeid_ext4_file_open",
	  SYM_CFI, NULL, NULL },
	{ "__crc_xas_load", D, "__crc_xas_load", SYM_EXPORT, NULL, NULL },
	{ "__crc32c_le", F, "__crc32c_le", SYM_PLAIN, NULL, NULL },

	{ "__BTF_ID__func__bpf_lsm_bpf__123", D, "__BTF_ID__func__bpf_lsm_bpf",
	  SYM_BTF_ID, NULL, NULL },
	{ "__BTF_ID__set__foo", D, "__BTF_ID__set__foo", SYM_BTF_ID, NULL,
	  NULL },

	{ "__SCT__preempt_schedule", F, "__SCT__preempt_schedule",
	  SYM_GENERATED, NULL, NULL },
	{ "__SCK__x86_pmu_read", D, "__SCK__x86_pmu_read", SYM_GENERATED, NULL,
	  NULL },
	{ "__tracepoint_sched_switch", D, "__tracepoint_sched_switch",
	  SYM_GENERATED, NULL, NULL },
	{ "__event_handler", F, "__event_handler", SYM_PLAIN, NULL, NULL },

	{ "__already_done.18", D, "__already_done", SYM_STATIC_LOCAL, NULL,
	  NULL },
	{ "get_regno.__already_done", D, "get_regno.__already_done",
	  SYM_STATIC_LOCAL, NULL, NULL },
	{ "esp_init_authenc.__msg.15", D, "esp_init_authenc.__msg",
	  SYM_STATIC_LOCAL, NULL, NULL },
	{ "might_resched.__UNIQUE_ID___addressable___SCK__might_resched2", D,
	  "might_resched.__UNIQUE_ID___addressable___SCK__might_resched",
	  SYM_STATIC_LOCAL, NULL, NULL },
	{ "sha256_k", D, "sha256_k", SYM_PLAIN, NULL, NULL },
	{ "do_thing.42", F, "do_thing", SYM_PLAIN, NULL, NULL },

	{ ".str.12", D, ".str", SYM_ANONYMOUS, NULL, NULL },
	{ ".LC1", D, ".LC", SYM_ANONYMOUS, NULL, NULL },
	{ ".compoundliteral.6", D, ".compoundliteral", SYM_ANONYMOUS, NULL,
	  NULL },
	{ ".Lswitch.table.vga_arb_read.3", D, ".Lswitch.table.vga_arb_read",
	  SYM_ANONYMOUS, NULL, NULL },
	{ ".E_copy", F, ".E_copy", SYM_ANONYMOUS, NULL, NULL },

	{ "$x", F, "$x", SYM_MAPPING, NULL, NULL },
	{ "$d.17", D, "$d.17", SYM_MAPPING, NULL, NULL },
	{ "$xy", F, "$xy", SYM_PLAIN, NULL, NULL },

	{ "__UNIQUE_ID_license290", D, "__UNIQUE_ID_license", SYM_UNIQUE_ID,
	  NULL, NULL },
	{ "__UNIQUE_ID_license_290", D, "__UNIQUE_ID_license", SYM_UNIQUE_ID,
	  NULL, NULL },
	{ "__UNIQUE_ID_ddebug1234.2", D, "__UNIQUE_ID_ddebug", SYM_UNIQUE_ID,
	  NULL, NULL },
	{ "__UNIQUE_ID___addressable_init_module41", D,
	  "__UNIQUE_ID___addressable_init_module", SYM_UNIQUE_ID, NULL, NULL },
	{ "__UNIQUE_ID___addressable___initstub__kmod_cpu__333_407_pm_init1334",
	  D, "__UNIQUE_ID___addressable___initstub__kmod_cpu__pm_init",
	  SYM_UNIQUE_ID, NULL, NULL },
	{ "__UNIQUE_ID", D, "__UNIQUE_ID", SYM_PLAIN, NULL, NULL },

	{ "__UNIQUE_ID_quirk_iommu_igfx480", F, "quirk_iommu_igfx", SYM_STUB,
	  "quirk_iommu_igfx", NULL },
	{ "__initstub__kmod_cpu__333_407_bsp_pm_check_init1", F,
	  "bsp_pm_check_init", SYM_STUB, "bsp_pm_check_init", NULL },
	{ "__initstub__kmod_a__1_2_init_fsrootfs", F, "init_fs", SYM_STUB,
	  "init_fs", NULL },
	{ "__initstub", F, "__initstub", SYM_PLAIN, NULL, NULL },

	{ "__initcall__kmod_cpu__335_544_pm_check_save_msr6", D,
	  "__initcall__kmod_cpu__pm_check_save_msr6", SYM_INITCALL, NULL,
	  NULL },
	{ "__initcall_start", D, "__initcall_start", SYM_INITCALL, NULL, NULL },

	{ "__ksymtab_vfs_read", D, "__ksymtab_vfs_read", SYM_EXPORT, NULL,
	  NULL },
	{ "__kstrtabns_vfs_read", D, "__kstrtabns_vfs_read", SYM_EXPORT, NULL,
	  NULL },
	{ "__ksymtab_gpl", F, "__ksymtab_gpl", SYM_PLAIN, NULL, NULL },

	{ "__addressable_foo", D, "__addressable_foo", SYM_PLAIN, NULL, NULL },
	{ "__se_sys_read", F, "__se_sys_read", SYM_PLAIN, NULL, NULL },
	{ "linux_banner", D, "linux_banner", SYM_PLAIN, NULL, NULL },
	{ "_etext", D, "_etext", SYM_PLAIN, NULL, NULL },

	{ "OUTLINED_FUNCTION_12", F, "OUTLINED_FUNCTION", SYM_OUTLINED, NULL,
	  NULL },
	{ "OUTLINED", F, "OUTLINED", SYM_PLAIN, NULL, NULL },

	{ "__pi_memcpy", F, "__pi_memcpy", SYM_COPY, NULL, NULL },
	{ "__efistub_strlen", F, "__efistub_strlen", SYM_COPY, NULL, NULL },
	{ "__kvm_nvhe_hyp_panic", F, "__kvm_nvhe_hyp_panic", SYM_COPY, NULL,
	  NULL },
	{ "__pid_task", F, "__pid_task", SYM_PLAIN, NULL, NULL },

	{ "__AArch64AbsLongThunk_foo", F, "__AArch64AbsLongThunk_foo",
	  SYM_VENEER, NULL, NULL },
	{ "__printk_veneer", F, "__printk_veneer", SYM_VENEER, NULL, NULL },
	{ "apply_veneer", F, "apply_veneer", SYM_PLAIN, NULL, NULL },

	{ "_ZN4core3fmt5write17h0123456789abcdefE", F, "_ZN4core3fmt5write",
	  SYM_PLAIN, NULL, NULL },
	{ "_RNvNtCs9lvA2DJsQJ1_4core3fmt5write", F, "_RNvNtC4core3fmt5write",
	  SYM_PLAIN, NULL, NULL },
	{ "_RNvC4CsCs_3foo", F, "_RNvC4CsCs_3foo", SYM_PLAIN, NULL, NULL },
	{ "_ZN4core17habcE", F, "_ZN4core17habcE", SYM_PLAIN, NULL, NULL },
	{ "_Rest", F, "_Rest", SYM_PLAIN, NULL, NULL },
};

static void check_text(const char *text, size_t length, const char *expected)
{
	if (!expected) {
		ck_assert_ptr_null(text);
		return;
	}
	ck_assert_ptr_nonnull(text);
	ck_assert_msg(length == strlen(expected) &&
		      !memcmp(text, expected, length), "%.*s is not %s",
		      (int)length, text, expected);
}

START_TEST(every_row_treats_its_example_and_spares_its_look_alike)
{
	const char *name = names[_i].name;
	struct arena arena = { 0 };
	struct symname result;
	bool special;

	ck_assert_int_eq(symname_parse(&result, name, strlen(name),
				       names[_i].function, &arena), 0);
	check_text(result.text, result.length, names[_i].canonical);
	check_text(result.parent, result.parent_length, names[_i].parent);
	check_text(result.module, result.module_length, names[_i].module);
	ck_assert_msg(result.class == names[_i].symbol_class, "%s is %s", name,
		      symbol_class_name(result.class));
	/* What the table changes, the scan must not wave through. */
	ck_assert_uint_eq(symname_scan(name, name + strlen(name) + 1,
				       &special), strlen(name));
	if (result.length != strlen(name) || result.class != SYM_PLAIN)
		ck_assert_msg(special, "%s passed for plain", name);
	arena_release(&arena);
}
END_TEST

START_TEST(plain_names_are_not_special)
{
	static const char *const plain[] = {
		"vfs_read", "x", "ab", "_etext", "tcp_v4_rcv_established_long",
	};

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
		bool special;

		symname_scan(plain[i], plain[i] + strlen(plain[i]) + 1,
			     &special);
		ck_assert_msg(!special, "%s", plain[i]);
	}
}
END_TEST

START_TEST(a_name_without_end_stops_at_the_end)
{
	bool special;
	char text[32];

	memset(text, 'a', sizeof(text));
	for (size_t length = 0; length <= sizeof(text); length++)
		ck_assert_uint_eq(symname_scan(text, text + length, &special),
				  length);
}
END_TEST

START_TEST(no_name_of_three_layers_goes_out_of_its_text)
{
	static const char *const layers[] = {
		"", ".", "$", "__", "_R", "_ZN", "__pfx_", "__cfi_", ".cold",
		".part.0", ".llvm.1", ".1", "9", "99999999999999999999", "Cs",
		"__UNIQUE_ID_", "__initcall__kmod_", "__initstub__kmod_",
		"__1_2_", "__BTF_ID__", "17h0123456789abcdefE", "x",
	};
	const size_t n = ARRAY_SIZE(layers);
	struct arena arena = { 0 };

	for (size_t i = 0; i < n * n * n; i++) {
		char *name = arena_printf(&arena, "%s%s%s", layers[i % n],
					  layers[i / n % n], layers[i / n / n]);
		char *exact = malloc(strlen(name) + 1);
		struct symname result;

		/* Without room behind it, for the address sanitizer. */
		memcpy(exact, name, strlen(name));
		for (int function = 0; function < 2; function++) {
			ck_assert_int_eq(symname_parse(&result, exact,
						       strlen(name), function,
						       &arena), 0);
			ck_assert_uint_le(result.length, strlen(name));
			ck_assert(result.length || !*name);
		}
		free(exact);
	}
	arena_release(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symname");
	TCase *rows = tcase_create("rows");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(rows,
			    every_row_treats_its_example_and_spares_its_look_alike,
			    0, ARRAY_SIZE(names));
	tcase_add_test(rows, plain_names_are_not_special);
	tcase_add_test(rows, a_name_without_end_stops_at_the_end);
	tcase_add_test(rows, no_name_of_three_layers_goes_out_of_its_text);
	suite_add_tcase(suite, rows);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
