# Plain make builds build/eddy. Variants go to a folder of their own:
#   make BUILD=build/asan SAN=1           ASan and UBSan
#   make BUILD=build/clang CC=clang       the other compiler
# See CONTRIBUTING.md for the targets that test and measure.

CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
BUILD ?= build
SAN ?=
# V=1 shows every command, else only what is being made.
V ?=
SAY = $(if $(V),,@echo '  $@'; )

SAN_KINDS := address,undefined
WARNINGS := -std=c17 -Wall -Wextra -Werror
CFLAGS_OPT := -O2 -g
CFLAGS_SAN = -O1 -g -fsanitize=$(SAN_KINDS) -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS := $(WARNINGS) -D_GNU_SOURCE -MMD -MP -I/usr/include/lua5.4 -I/usr/include/postgresql $(if $(SAN),$(CFLAGS_SAN),$(CFLAGS_OPT)) $(EXTRA_CFLAGS)
LDFLAGS_SAN := -fsanitize=address,undefined
LDFLAGS := -Wl,--build-id $(if $(SAN),$(LDFLAGS_SAN))
LDLIBS := -llua5.4 -ljansson -lzstd -larchive -lmd4c -lsqlite3 -lpq -lmicrohttpd -largon2 -lcurl -lz -lnghttp2 -lssl -lcrypto -lm -lpthread

LIB_SRC := $(filter-out %_test.c src/base/test_main.c src/cli/main.c,$(wildcard src/*/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/embedded.o
TEST_SRC := $(wildcard src/*/*_test.c)
TESTS := $(TEST_SRC:src/%.c=$(BUILD)/tests/%)
NODE_SRC := $(wildcard tests/nodes/*.c)
NODES := $(NODE_SRC:tests/nodes/%.c=$(BUILD)/nodes/%)
KIT_SRC := $(wildcard kits/c/*.c)
PROGRAM_SRC := $(wildcard tests/*.c bench/*.c)
PROGRAMS := $(PROGRAM_SRC:%.c=$(BUILD)/%)
PAGE_TEXTS := $(wildcard src/report/page/*.html src/report/page/*.css src/report/page/*.js)
EMBEDDED := $(sort $(wildcard src/script/*.lua workloads/*.lua src/store/sql/*.sql ui/*.css ui/*.svg ui/*.js) $(PAGE_TEXTS))
# The scripts of the pages, bundled by ui/build.sh. They are the same in every variant of the program.
UI_SRC := $(shell find ui -name node_modules -prune -o -type f ! -name '*.css' ! -name '*.svg' ! -name '*.md' -print)
UI_MADE := $(foreach file,app.js editor.js,build/ui/$(file) build/ui/$(file).gz)

.PHONY: all tests nodes programs ui check tidy course clean
all: $(BUILD)/eddy
tests: $(TESTS)
ui: $(UI_MADE)
nodes: $(NODES)
programs: $(PROGRAMS)

$(BUILD)/eddy: $(BUILD)/obj/src/cli/main.o $(BUILD)/libeddy.a
	$(SAY)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/libeddy.a: $(LIB_OBJ)
	rm -f $@
	ar rcs $@ $^

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(SAY)$(CC) $(CFLAGS) -c -o $@ $<

# Lua and SQL texts and the parts of report.html become one C file, so that the program is a single file.
$(BUILD)/gen/embedded.c: $(EMBEDDED) $(UI_MADE) src/base/embed.sh
	@mkdir -p $(@D)
	$(SAY)sh src/base/embed.sh $(EMBEDDED) $(UI_MADE) > $@

$(UI_MADE) &: $(UI_SRC)
	$(SAY)sh ui/build.sh

$(BUILD)/obj/embedded.o: $(BUILD)/gen/embedded.c
	@mkdir -p $(@D)
	$(SAY)$(CC) $(CFLAGS) -Isrc/base -c -o $@ $<

$(BUILD)/tests/%: src/%.c $(BUILD)/obj/src/base/test_main.o $(BUILD)/libeddy.a
	@mkdir -p $(@D)
	$(SAY)$(CC) $(CFLAGS) -MF $@.d $(LDFLAGS) -o $@ $< $(BUILD)/obj/src/base/test_main.o $(BUILD)/libeddy.a -lcmocka $(LDLIBS)

# Test nodes see only the kit, as a learner's program does.
$(BUILD)/nodes/%: tests/nodes/%.c $(KIT_SRC) $(wildcard kits/c/*.h)
	@mkdir -p $(@D)
	$(SAY)$(CC) $(WARNINGS) -O2 -g -D_GNU_SOURCE -Ikits/c -o $@ $< $(KIT_SRC) -lm -lpthread

# Fuzzers, benchmarks and whole-program tests written in C.
$(BUILD)/%: %.c $(BUILD)/libeddy.a
	@mkdir -p $(@D)
	$(SAY)$(CC) $(CFLAGS) -MF $@.d -Isrc $(LDFLAGS) -o $@ $< $(BUILD)/libeddy.a $(LDLIBS)

# Under two minutes, for daily work; ./test runs everything.
check:
	scripts/install.sh test
	tests/all.sh --quick

tidy:
	sh tests/tidy.sh

# Every written track of the course: pages, the reference on 20 seeds, every mistake.
course: all
	$(BUILD)/eddy course check

# Types, unit tests and sizes of the scripts.
check-ui:
	tests/ui/run.sh

# The unit tests of one room: make check-sim
check-%: tests
	@for t in $(BUILD)/tests/$*/*_test; do $$t || exit 1; done

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -type f -name '*.d' 2>/dev/null)
