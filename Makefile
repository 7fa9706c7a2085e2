# SPDX-License-Identifier: MIT
# vmdelta: `make help` lists the targets.
#
# Everything that is built goes below $(BUILD), so builds with other flags live
# side by side: make BUILD=build/asan CFLAGS='-g -fsanitize=address'. Only the
# default build puts the program beside this file.

ifeq ($(origin CC),default)
CC = gcc
endif
PYTHON ?= python3
BUILD ?= build
CFLAGS ?= -O2 -g
WERROR ?= -Werror
WARNINGS = -Wall -Wextra -Wmissing-prototypes -Wvla -Wwrite-strings -Wshadow

# Sanitizers bring their own checks, and fortified functions hide from them.
ifeq ($(findstring -fsanitize,$(CFLAGS)),)
HARDENING ?= -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
	-fstack-clash-protection
endif
HARDENING_LDFLAGS ?= -pie -Wl,-z,relro,-z,now

LIBS = -lelf -lxxhash -lz -lpthread

# Plain C++ and Rust names, where libiberty is there: src/report/demangle.c.
DEMANGLE := $(shell echo '\#include <libiberty/demangle.h>' | \
	$(CC) -E -x c - > /dev/null 2>&1 && echo yes)
ifeq ($(DEMANGLE),yes)
LIBS += -liberty
FEATURES += -DHAVE_DEMANGLE
endif

# Debug sections that are compressed with zstd: src/debug/section_bytes.c.
ZSTD := $(shell echo '\#include <zstd.h>' | \
	$(CC) -E -x c - > /dev/null 2>&1 && echo yes)
ifeq ($(ZSTD),yes)
LIBS += -lzstd
FEATURES += -DHAVE_ZSTD
endif

# The HTML report's page: its layout is d3-hierarchy's, from Debian's package.
D3_HIERARCHY ?= /usr/share/nodejs/d3-hierarchy/dist/d3-hierarchy.min.js
ifneq ($(wildcard $(D3_HIERARCHY)),)
HTML_ASSETS := $(BUILD)/html
FEATURES += -DHTML_ASSETS='"$(HTML_ASSETS)"'
endif

ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Isrc -Iinclude $(WARNINGS) $(WERROR) \
	-fvisibility=hidden -fPIC -ffile-prefix-map=$(CURDIR)=. -MMD -MP \
	$(HARDENING) $(FEATURES) $(CFLAGS) $(CPPFLAGS)
ALL_LDFLAGS = $(HARDENING_LDFLAGS) $(CFLAGS) $(LDFLAGS)

PROGRAM := $(if $(filter build,$(BUILD)),vmdelta,$(BUILD)/vmdelta)
LIBRARY := $(BUILD)/libvmdelta.a

SOURCES := $(sort $(shell find src -name '*.c'))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
PROGRAM_OBJECTS := $(filter $(BUILD)/src/main.o $(BUILD)/src/cli/%,$(OBJECTS))
LIBRARY_OBJECTS := $(filter-out $(PROGRAM_OBJECTS),$(OBJECTS))

UNIT_SOURCES := $(sort $(wildcard tests/unit/test_*.c))
UNIT_TESTS := $(UNIT_SOURCES:tests/unit/%.c=$(BUILD)/tests/%)
FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZERS := $(FUZZ_SOURCES:tests/fuzz/%.c=$(BUILD)/fuzz/%)
REPLAYERS := $(FUZZ_SOURCES:tests/fuzz/fuzz_%.c=$(BUILD)/tests/replay_%)

all: $(if $(wildcard src/main.c),$(PROGRAM)) $(LIBRARY) ## build the program and the library

# A file that changes only when the flags do: everything depends on it.
FLAGS_STAMP := $(BUILD)/.flags
$(shell mkdir -p $(BUILD); echo '$(subst ','"'"',$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS))' | \
	cmp -s - $(FLAGS_STAMP) || \
	echo '$(subst ','"'"',$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS))' > $(FLAGS_STAMP))

$(PROGRAM): $(PROGRAM_OBJECTS) $(LIBRARY)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(LIBRARY): $(LIBRARY_OBJECTS)
	@rm -f $@
	$(AR) rcsD $@ $^

ifdef HTML_ASSETS
HTML_SOURCES := $(wildcard src/report/html/*)
$(HTML_ASSETS)/tail.html: $(HTML_SOURCES)
	@mkdir -p $(@D)
	src/report/html/build.sh src/report/html $(D3_HIERARCHY) $(HTML_ASSETS)

$(BUILD)/src/report/html.o: $(HTML_ASSETS)/tail.html
endif

# Only the product is held to banned.h; tests may be short and careless.
$(BUILD)/src/%.o: src/%.c $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -include src/base/banned.h -c -o $@ $<

$(BUILD)/tests/test_%: tests/unit/test_%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests/unit $(ALL_LDFLAGS) -o $@ $< $(LIBRARY) \
		$(LIBS) -lcheck -lsubunit -lm -lrt

$(BUILD)/tests/replay_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes $(ALL_LDFLAGS) -o $@ \
		$(filter %.c,$^) $(LIBRARY) $(LIBS)

$(BUILD)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes $(ALL_LDFLAGS) \
		-fsanitize=fuzzer -o $@ $< $(LIBRARY) $(LIBS)

clean: ## remove what was built
	rm -rf $(BUILD) vmdelta compile_commands.json

help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | \
		sed 's/:.*## /\t/' | expand -t 24

.PHONY: all clean help
.DELETE_ON_ERROR:
.SECONDARY:

include src/install.mk tests/tests.mk
-include $(OBJECTS:.o=.d) $(UNIT_TESTS:%=%.d)
