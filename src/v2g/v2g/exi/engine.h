/* SPDX-License-Identifier: Apache-2.0 */
/* The EXI engine in C: runs a grammar's table over a stream. docs/exi.md explains it.
 *
 * It keeps no state between calls, allocates nothing and does not recurse. A table must have
 * passed exi_check() once; streams and flat documents are checked while they are read.
 */
#ifndef V2G_EXI_ENGINE_H
#define V2G_EXI_ENGINE_H

#include <stddef.h>
#include <stdint.h>

enum exi_event { EXI_ELEMENT, EXI_SIMPLE, EXI_VALUE, EXI_END, EXI_ANY, EXI_UNTYPED };

enum exi_wire { EXI_N_BIT, EXI_UNSIGNED, EXI_INTEGER, EXI_BIG_INTEGER, EXI_BINARY, EXI_STRING };

enum exi_fault {
    EXI_OK,
    EXI_HEADER,
    EXI_TRUNCATED,
    EXI_EVENT_CODE,
    EXI_ESCAPE,
    EXI_WILDCARD,
    EXI_UNTYPED_CHARACTERS,
    EXI_OVER_MAXIMUM,
    EXI_STRING_TABLE,
    EXI_RANGE,
    EXI_TOO_LONG,
    EXI_LENGTH,
    EXI_CHARACTER,
    EXI_ROOM,
    EXI_FLAT
};

enum { EXI_DOCUMENT, EXI_FRAGMENT, EXI_DONE }; /* the states every table begins with */

typedef struct {
    uint32_t bits;  /* width of its event codes */
    uint32_t count; /* productions; the code after the last is the escape */
    uint32_t first; /* index of the first production */
    uint32_t full;  /* maxOccurs of the list that is full here, else 0 */
} exi_state;

typedef struct {
    uint32_t event;    /* exi_event */
    uint32_t argument; /* of an element the start state, else the value type */
    uint32_t next;     /* the state after it */
} exi_production;

typedef struct {
    uint32_t wire; /* exi_wire */
    uint32_t bits; /* of an n-bit value */
    int64_t minimum;
    uint64_t maximum;
} exi_value;

typedef struct {
    const exi_state *states;
    const exi_production *productions;
    const exi_value *values;
    uint32_t state_count, production_count, value_count;
} exi_table;

/* A document without its names. choices: the codes of states with more than one production, one
 * octet each, from 255 on two (255, code - 255). values: a number a simple value; for strings
 * (UTF-8), binaries and unbounded integers the end of their part of `octets`. */
typedef struct {
    uint8_t *choices;
    int64_t *values;
    uint8_t *octets;
    size_t choices_room, values_room, octets_room;
    size_t choices_count, values_count, octets_count;
} exi_flat;

typedef struct {
    size_t position; /* the bit where the fault begins; of a flat document, the value's number */
    int32_t where;   /* state or value type, -1 within a simple value */
    size_t end;      /* the bit after the document */
} exi_report;

/* Whether every index of a table is within it: 0, or 1 + the number of the first bad row. */
uint32_t exi_check(const exi_table *table);

/* Stream to flat form. root: EXI_DOCUMENT or EXI_FRAGMENT. Returns an exi_fault. */
int exi_decode(const exi_table *table, const uint8_t *stream, size_t length, uint32_t root,
               exi_flat *flat, exi_report *report);

/* Flat form to stream. `values` are int64_t in host order, aligned or not. Returns an exi_fault;
 * the length of what was written is in report->end, in bits. */
int exi_encode(const exi_table *table, const uint8_t *choices, size_t choices_count,
               const uint8_t *values, size_t values_count, const uint8_t *octets,
               size_t octets_count, uint32_t root, uint8_t *stream, size_t room,
               exi_report *report);

#endif
