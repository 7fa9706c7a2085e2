# SPDX-License-Identifier: MIT
# The shared library, and what `make install` puts where. Included by Makefile.

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
INCLUDEDIR ?= $(PREFIX)/include
LIBDIR ?= $(PREFIX)/lib
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man

VERSION := $(shell sed -n 's/^.define VMD_VERSION "\(.*\)"/\1/p' \
	include/vmdelta.h)
# Raised when a program that was linked with an older library would break.
SONAME = libvmdelta.so.0
SHARED := $(BUILD)/libvmdelta.so.$(VERSION)

shared: $(SHARED) ## build the shared library

$(SHARED): $(LIBRARY_OBJECTS) src/libvmdelta.map
	$(CC) -shared -Wl,-z,relro,-z,now -Wl,-soname,$(SONAME) -Wl,-z,defs \
		-Wl,--version-script=src/libvmdelta.map $(CFLAGS) $(LDFLAGS) \
		-o $@ $(LIBRARY_OBJECTS) $(LIBS)
	ln -sf $(@F) $(BUILD)/$(SONAME)

$(BUILD)/libvmdelta.pc: src/libvmdelta.pc.in src/install.mk include/vmdelta.h
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' -e 's|@LIBS@|$(LIBS)|' $< > $@

# One row a file: where it goes, its mode, and what it is made from.
INSTALL_FILES = \
	$(BINDIR)/vmdelta:755:$(PROGRAM) \
	$(INCLUDEDIR)/vmdelta.h:644:include/vmdelta.h \
	$(LIBDIR)/libvmdelta.a:644:$(LIBRARY) \
	$(LIBDIR)/libvmdelta.so.$(VERSION):755:$(SHARED) \
	$(LIBDIR)/pkgconfig/libvmdelta.pc:644:$(BUILD)/libvmdelta.pc \
	$(MANDIR)/man1/vmdelta.1:644:man/vmdelta.1 \
	$(MANDIR)/man3/vmdelta.3:644:man/vmdelta.3 \
	$(DATADIR)/vmdelta/vmdelta.schema.json:644:man/vmdelta.schema.json \
	$(DATADIR)/bash-completion/completions/vmdelta:644:$(BUILD)/vmdelta.bash \
	$(DATADIR)/zsh/site-functions/_vmdelta:644:$(BUILD)/vmdelta.zsh \
	$(DATADIR)/fish/vendor_completions.d/vmdelta.fish:644:$(BUILD)/vmdelta.fish
INSTALL_LINKS = $(LIBDIR)/$(SONAME) $(LIBDIR)/libvmdelta.so

$(BUILD)/vmdelta.%: $(PROGRAM)
	$(abspath $(PROGRAM)) --completion=$* > $@

install: all shared $(BUILD)/libvmdelta.pc $(BUILD)/vmdelta.bash \
		$(BUILD)/vmdelta.zsh $(BUILD)/vmdelta.fish ## install below PREFIX
	@for row in $(INSTALL_FILES); do \
		to=$${row%%:*}; rest=$${row#*:}; \
		install -D -p -m "$${rest%%:*}" "$${rest#*:}" \
			"$(DESTDIR)$$to" || exit 1; \
	done
	@for link in $(INSTALL_LINKS); do \
		ln -sf libvmdelta.so.$(VERSION) "$(DESTDIR)$$link" || exit 1; \
	done

uninstall: ## remove what install installed
	@for row in $(INSTALL_FILES); do rm -f "$(DESTDIR)$${row%%:*}"; done
	@rm -f $(INSTALL_LINKS:%="$(DESTDIR)%")
	@rmdir "$(DESTDIR)$(DATADIR)/vmdelta" 2> /dev/null || true

man-options: $(PROGRAM) ## bring the manual's option list up to date
	@sh man/update-options.sh $(abspath $(PROGRAM)) man/vmdelta.1 \
		> $(BUILD)/vmdelta.1
	@cp $(BUILD)/vmdelta.1 man/vmdelta.1

check-reproducible: ## build in two folders and compare the bytes
	@$(TALLY) run check-reproducible sh tests/check-reproducible.sh

.PHONY: shared install uninstall man-options check-reproducible
