/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer target for the EXI engine: `make fuzz`.
 *
 * The first octet of the input chooses schema and root, the rest is a stream. What decodes must
 * encode, and decode to the same again. The input is copied to the end of an allocation of its
 * own, so that the address sanitizer sees a read of one octet too many.
 */
#include "engine.h"
#include "tables.h" /* made by fuzz_tables.py: tables[], TABLE_COUNT */

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 4096, CHOICES = 4 * LONGEST + 64, VALUES = CHOICES, OCTETS = CHOICES };

typedef struct {
    uint8_t choices[CHOICES], octets[OCTETS];
    int64_t values[VALUES];
    exi_flat flat;
} memory;

static memory first, second;
static uint8_t encoded[8 * LONGEST + 64];

static int decode(const exi_table *table, const uint8_t *stream, size_t length, uint32_t root,
                  memory *into)
{
    exi_report report;
    into->flat = (exi_flat){into->choices, into->values, into->octets, CHOICES, VALUES, OCTETS,
                            0, 0, 0};
    int fault = exi_decode(table, stream, length, root, &into->flat, &report);
    if (fault ? report.position > 8 * length : report.end > 8 * length || fault == EXI_ROOM)
        abort();
    return fault;
}

/* The engine runs tables: what its own code covers says little, so the states that a stream came
 * through are counted as coverage too. */
enum { COUNTERS = 1 << 15, DEPTH = 32 };
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t visited[COUNTERS];

static void count_states(const exi_table *table, uint32_t root)
{
    const exi_flat *flat = &first.flat;
    uint32_t stack[DEPTH], depth = 0, state = root;
    size_t at = 0;
    while (state != EXI_DONE) {
        const exi_state *here = &table->states[state];
        uint32_t code = 0;
        visited[(state + 8191 * (uint32_t)(table - tables)) % COUNTERS] = 1;
        if (here->count > 1) {
            if (at == flat->choices_count)
                return;
            code = flat->choices[at++];
            if (code == 255)
                code += flat->choices[at++];
        }
        const exi_production *one = &table->productions[here->first + code];
        if (one->event >= EXI_ANY)
            return;
        if (one->event == EXI_ELEMENT) {
            if (depth == DEPTH)
                return;
            stack[depth++] = one->next;
            state = one->argument;
        } else if (one->event == EXI_END) {
            state = depth ? stack[--depth] : EXI_DONE;
        } else {
            state = one->next;
        }
    }
}

static int same(const exi_flat *a, const exi_flat *b)
{
    return a->choices_count == b->choices_count && a->values_count == b->values_count &&
           a->octets_count == b->octets_count &&
           !memcmp(a->choices, b->choices, a->choices_count) &&
           !memcmp(a->values, b->values, a->values_count * sizeof *a->values) &&
           !memcmp(a->octets, b->octets, a->octets_count);
}

static void round_trip(const exi_table *table, uint32_t root)
{
    const exi_flat *flat = &first.flat;
    exi_report report;
    int fault = exi_encode(table, flat->choices, flat->choices_count,
                           (const uint8_t *)flat->values, flat->values_count, flat->octets,
                           flat->octets_count, root, encoded, sizeof encoded, &report);
    if (fault || decode(table, encoded, report.end / 8, root, &second) ||
        !same(&first.flat, &second.flat))
        abort();
}

/* The input as a flat document too: choices, values and octets that nobody checked. */
static void encode_nonsense(const exi_table *table, const uint8_t *input, size_t length,
                            uint32_t root)
{
    size_t third = length / 3, values = third / sizeof(int64_t);
    exi_report report;
    exi_encode(table, input, third, input + third, values, input + 2 * third, third, root, encoded,
               sizeof encoded, &report);
    exi_encode(table, input, third, input + third, values, input + 2 * third, third, root, encoded,
               third, &report);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    if (size < 1 || size > LONGEST)
        return 0;
    const exi_table *table = &tables[(input[0] >> 1) % TABLE_COUNT];
    uint32_t root = input[0] & 1;
    size_t length = size - 1;
    uint8_t *stream = malloc(length ? length : 1);
    if (!stream)
        return 0;
    memcpy(stream, input + 1, length);
    int fault = decode(table, stream, length, root, &first);
    count_states(table, root);
    if (!fault)
        round_trip(table, root);
    encode_nonsense(table, stream, length, root);
    free(stream);
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    for (size_t i = 0; i < TABLE_COUNT; i++)
        if (exi_check(&tables[i]))
            abort();
    return 0;
}
