# SPDX-License-Identifier: MIT
# The targets that test, measure and look for mistakes. Included by Makefile.
#
# Every stage adds a line "PASSED FAILED" to $(RESULTS); tests/tally.sh sums
# them at the end of a run.

RESULTS ?= $(BUILD)/results
TALLY = RESULTS=$(RESULTS) sh tests/tally.sh
TEST_ENV = VMDELTA=$(abspath $(PROGRAM)) BUILD=$(abspath $(BUILD)) \
	FIXTURES=$(abspath build/fixtures) RESULTS=$(abspath $(RESULTS)) \
	CC='$(CC)' PYTHONDONTWRITEBYTECODE=1

# Where unsigned arithmetic may wrap is listed; conversions lose no bits.
INTEGERS = unsigned-integer-overflow,implicit-conversion \
	-fsanitize-ignorelist=$(CURDIR)/tests/integers.ignore
ASAN_FLAGS = -g -O1 -fsanitize=address,undefined,$(INTEGERS) \
	-fno-omit-frame-pointer -fno-sanitize-recover=all
TSAN_FLAGS = -g -O1 -fsanitize=thread -fno-omit-frame-pointer
FUZZ_FLAGS = -g -O1 -fsanitize=address,undefined,fuzzer-no-link,$(INTEGERS) \
	-fno-omit-frame-pointer -fno-sanitize-recover=all \
	-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
FUZZ_TIME ?= 60
ASAN_ENV = ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1 \
	UBSAN_OPTIONS=print_stacktrace=1

deps: ## install what building needs, where that is possible
	@sh tests/install-deps.sh build

deps-check: deps
	@sh tests/install-deps.sh check

deps-real: deps-check
	@sh tests/install-deps.sh real

deps-lint: deps
	@sh tests/install-deps.sh lint

# What is missing has to be there before make looks for compilers and headers:
# the rest runs in a second make.
demo: deps-check ## build two small kernels, without and with ThinLTO, compare
	@$(MAKE) --no-print-directory all demo-run

check: deps-check ## install what is missing, then run every test
	@rm -f $(RESULTS)
	@$(MAKE) --no-print-directory all
	@status=0; $(MAKE) -k --no-print-directory check-run || status=1; \
		$(TALLY) total || status=1; exit $$status

check-run: unit replay golden scripts

unit: $(UNIT_TESTS) ## run the unit tests
	@$(TEST_ENV) sh tests/run-unit.sh $(UNIT_TESTS)

replay: fixtures $(REPLAYERS) ## run the fuzz targets over the kept inputs
	@$(TEST_ENV) sh tests/run-replay.sh $(REPLAYERS)

fixtures: ## build the small ELF files that the tests read
	@$(TEST_ENV) sh tests/build-fixtures.sh

golden: all fixtures ## compare the program's output with testdata/cli
	@$(TEST_ENV) $(PYTHON) tests/cli/run.py

golden-update: all fixtures ## make the program's output the expected one
	@$(TEST_ENV) $(PYTHON) tests/cli/run.py --update

# The library's allocations go through the test.
LEAKS_FLAGS = $(foreach f,malloc calloc realloc strdup strndup free mmap munmap,\
	-Wl,--wrap=$f)
$(BUILD)/tests/leaks: tests/lib/leaks.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(LEAKS_FLAGS) -o $@ $< $(LIBRARY) $(LIBS)

scripts: all fixtures $(BUILD)/tests/leaks ## run the test scripts in tests/check
	@$(TEST_ENV) sh tests/run-scripts.sh

demo-run: all
	@$(TEST_ENV) sh tests/demo.sh

asan: ## run the tests under address and undefined-behaviour checks
	@$(ASAN_ENV) $(MAKE) --no-print-directory BUILD=build/asan CC=clang \
		CFLAGS='$(ASAN_FLAGS)' RESULTS=$(RESULTS) all check-run

tsan: ## run the unit tests under the thread checker
	@$(MAKE) --no-print-directory BUILD=build/tsan CC=clang \
		CFLAGS='$(TSAN_FLAGS)' RESULTS=$(RESULTS) unit

fuzz: ## fuzz each target for FUZZ_TIME seconds (default 60)
	@$(MAKE) --no-print-directory BUILD=build/fuzz-build CC=clang \
		CFLAGS='$(FUZZ_FLAGS)' fuzz-run

fuzz-run: $(FUZZERS)
	@$(ASAN_ENV) FUZZ_TIME=$(FUZZ_TIME) sh tests/fuzz/run.sh $(FUZZERS)

valgrind: deps-lint all fixtures ## run a small pair under valgrind
	@$(TALLY) run valgrind sh tests/valgrind.sh $(abspath $(PROGRAM)) build/fixtures

analyze: deps ## gcc's analyzer, but for what was reviewed
	@FLAGS='$(filter-out -DHTML_ASSETS%,$(FEATURES))' $(TALLY) run analyzer sh tests/analyze.sh $(SOURCES)

check-real: deps-real ## compare with other tools on real kernels
	@$(MAKE) --no-print-directory all
	@$(TEST_ENV) $(PYTHON) tests/real/run.py $(REAL)

# Debian's Selenium belongs to Debian's Python.
check-browser: deps ## open the HTML report in a real browser
	@sh tests/install-deps.sh browser
	@$(MAKE) --no-print-directory all
	@$(TEST_ENV) PYTHON=/usr/bin/python3 sh tests/run-scripts.sh tests/browser

match-quality: deps-real ## judge the pairing by DWARF on real kernels
	@$(MAKE) --no-print-directory all $(BUILD)/match-quality
	@$(TEST_ENV) $(PYTHON) tests/match-quality.py $(WRONG)

$(BUILD)/match-quality: tests/match-quality.c $(BUILD)/libvmdelta.a
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libvmdelta.a $(LIBS) -ldw

bench: deps-check ## measure time and memory against the budgets
	@$(MAKE) --no-print-directory all bench-programs
	@$(TEST_ENV) $(PYTHON) tests/bench/run.py $(BENCH)

BENCH_PROGRAMS := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,\
	$(wildcard tests/bench/*.c))
bench-programs: $(BENCH_PROGRAMS)

$(BUILD)/bench/%: tests/bench/%.c $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(LIBS)

bench-data: bench-programs ## write the large inputs that bench measures
	@$(TEST_ENV) MODULES='$(MODULES)' $(PYTHON) tests/bench/run.py --data

check-layers: ## test that every file includes only earlier stages
	@$(TALLY) run check-layers sh tests/check-layers.sh

check-headers: ## test that every header compiles alone
	@$(TALLY) run check-headers sh tests/check-headers.sh '$(CC)'

check-banned: ## test that banned functions do not appear
	@$(TALLY) run check-banned sh tests/check-banned.sh

tidy: deps-lint compile_commands.json ## clang-tidy and cppcheck
	@status=0; $(TALLY) run cppcheck sh tests/cppcheck.sh || status=1; \
		$(TALLY) run clang-tidy sh tests/clang-tidy.sh $(SOURCES) || \
		status=1; exit $$status

style: ## show where clang-format would lay out the code in another way
	@clang-format --dry-run $(SOURCES) $$(find src include -name '*.h')

compile_commands.json: Makefile tests/tests.mk ## for editors and clang-tidy
	@$(PYTHON) tests/compile-commands.py '$(subst ','"'"',$(CC) \
		$(filter-out -MMD -MP,$(ALL_CFLAGS)) -include src/base/banned.h)' $(SOURCES) > $@

# Counters lie in a mapped file: what a signal, _exit() or a failing write ends
# is counted, too. Branches are those of the source, each condition's true and
# false, each case of a switch; code that is inlined often counts once.
COVERAGE_FLAGS = -g -O0 -fprofile-instr-generate -fcoverage-mapping \
	-fprofile-update=atomic
coverage: deps-check ## line and branch coverage of src/ by `make check`'s tests
	@rm -rf build/coverage/profiles
	-@LLVM_PROFILE_FILE='$(CURDIR)/build/coverage/profiles/%m%c' \
		$(MAKE) -k --no-print-directory BUILD=build/coverage CC=clang \
		HARDENING= CFLAGS='$(COVERAGE_FLAGS)' \
		CPPFLAGS='-mllvm -runtime-counter-relocation' all check-run
	@sh tests/coverage.sh build/coverage

.PHONY: deps deps-check deps-real deps-lint demo check check-run unit replay \
	fixtures golden golden-update scripts demo-run asan tsan fuzz fuzz-run \
	check-real check-browser match-quality bench bench-programs bench-data check-layers \
	check-headers check-banned tidy style coverage \
	valgrind analyze
