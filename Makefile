# SPDX-License-Identifier: MIT
# vmdelta: `make help` lists the targets.

CC ?= gcc
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wmissing-prototypes -Wvla -Wwrite-strings -Wshadow
WERROR ?= -Werror
BUILD ?= build
LIBS = -lelf -ldw -lxxhash -lz -lpthread
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Isrc -Iinclude $(WARNINGS) $(WERROR) \
	-fvisibility=hidden -MMD -MP $(CFLAGS)

SOURCES := $(sort $(shell find src -name '*.c'))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
PROGRAM_OBJECTS := $(filter $(BUILD)/src/main.o $(BUILD)/src/cli/%,$(OBJECTS))
LIBRARY_OBJECTS := $(filter-out $(PROGRAM_OBJECTS),$(OBJECTS))

UNIT_SOURCES := $(sort $(wildcard tests/unit/test_*.c))
UNIT_TESTS := $(UNIT_SOURCES:tests/unit/%.c=$(BUILD)/tests/%)

all: vmdelta ## build the program and the library

vmdelta: $(PROGRAM_OBJECTS) $(BUILD)/libvmdelta.a
	$(CC) $(LDFLAGS) $(CFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libvmdelta.a: $(LIBRARY_OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/src/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/tests/test_%: tests/unit/test_%.c $(BUILD)/libvmdelta.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests/unit -o $@ $< $(BUILD)/libvmdelta.a $(LIBS) \
		-lcheck -lsubunit -lm -lrt

unit: $(UNIT_TESTS) ## run the unit tests
	@for test in $(UNIT_TESTS); do $$test || exit 1; done

clean: ## remove what was built
	rm -rf $(BUILD) vmdelta

help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | \
		sed 's/:.*## /\t/' | expand -t 24

.PHONY: all unit clean help
-include $(OBJECTS:.o=.d) $(UNIT_TESTS:%=%.d)
