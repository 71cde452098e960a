/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

#include <string.h>

enum {
    HEADER = 0x80,
    DEPTH = 32,              /* elements within elements; the schemas need 9 */
    INTEGER_OCTETS = 10,     /* of an Unsigned Integer of up to 64 bits */
    BIG_INTEGER_OCTETS = 586, /* 4096 bits */
    LONG_CHOICE = 255,
    WIDEST = 16 /* bits of an event code or an n-bit value */
};
#define IN_VALUE (-1)

/* ---- the table ---- */

static int production_is_sound(const exi_table *table, const exi_production *one)
{
    if (one->next >= table->state_count)
        return 0;
    switch (one->event) {
    case EXI_ELEMENT:
        return one->argument < table->state_count && one->argument > EXI_DONE;
    case EXI_SIMPLE:
    case EXI_VALUE:
        return one->argument < table->value_count;
    default:
        return one->event <= EXI_UNTYPED;
    }
}

static int value_is_sound(const exi_value *value)
{
    return value->wire <= EXI_STRING && value->bits <= WIDEST;
}

uint32_t exi_check(const exi_table *table)
{
    uint32_t row = 0;
    if (table->state_count <= EXI_DONE)
        return 1;
    for (uint32_t i = 0; i < table->state_count; i++, row++) {
        const exi_state *state = &table->states[i];
        if (state->bits > WIDEST || state->first > table->production_count ||
            state->count > table->production_count - state->first)
            return row + 1;
    }
    for (uint32_t i = 0; i < table->production_count; i++, row++)
        if (!production_is_sound(table, &table->productions[i]))
            return row + 1;
    for (uint32_t i = 0; i < table->value_count; i++, row++)
        if (!value_is_sound(&table->values[i]))
            return row + 1;
    return 0;
}

/* ---- reading ---- */

typedef struct {
    const exi_table *table;
    const uint8_t *octets;
    size_t at, end; /* in bits */
    exi_flat *flat;
    size_t fault_at;
    int32_t where;
    uint32_t lists_from; /* lists of at least so many may be read as unbounded; 0: none */
    int met_full_list;
} reader;

static int refuse(reader *in, int fault, size_t at, int32_t where)
{
    in->fault_at = at;
    in->where = where;
    return fault;
}

/* 24 bits from the octet that holds bit `at`; zeros after the end. */
static uint32_t window(const reader *in)
{
    size_t octet = in->at >> 3, length = in->end >> 3;
    const uint8_t *from = in->octets + octet;
    if (octet + 3 <= length)
        return (uint32_t)from[0] << 16 | (uint32_t)from[1] << 8 | from[2];
    uint32_t value = 0;
    for (size_t i = 0; i < 3; i++)
        value = value << 8 | (octet + i < length ? from[i] : 0u);
    return value;
}

/* Up to WIDEST bits. */
static int read_bits(reader *in, uint32_t count, int32_t where, uint32_t *value)
{
    if (in->end - in->at < count)
        return refuse(in, EXI_TRUNCATED, in->at, where);
    *value = window(in) >> (24 - (in->at & 7) - count) & ((1u << count) - 1);
    in->at += count;
    return EXI_OK;
}

static int read_unsigned(reader *in, int32_t where, uint64_t *value)
{
    size_t at = in->at;
    *value = 0;
    for (unsigned group = 0; group < INTEGER_OCTETS; group++) {
        uint32_t octet;
        int fault = read_bits(in, 8, where, &octet);
        if (fault)
            return fault;
        if (group == INTEGER_OCTETS - 1 && (octet & 0x7F) > 1)
            break; /* more than 64 bits */
        *value |= (uint64_t)(octet & 0x7F) << (7 * group);
        if (octet < 0x80)
            return EXI_OK;
    }
    return refuse(in, EXI_TOO_LONG, at, where);
}

static int put_choice(reader *in, uint32_t code)
{
    exi_flat *flat = in->flat;
    size_t need = code >= LONG_CHOICE ? 2 : 1;
    if (flat->choices_room - flat->choices_count < need)
        return refuse(in, EXI_ROOM, in->at, EXI_DONE);
    if (code >= LONG_CHOICE) {
        flat->choices[flat->choices_count++] = LONG_CHOICE;
        code -= LONG_CHOICE;
    }
    flat->choices[flat->choices_count++] = (uint8_t)code;
    return EXI_OK;
}

static int put_value(reader *in, int64_t value)
{
    exi_flat *flat = in->flat;
    if (flat->values_count >= flat->values_room)
        return refuse(in, EXI_ROOM, in->at, EXI_DONE);
    flat->values[flat->values_count++] = value;
    return EXI_OK;
}

static int put_octets(reader *in, const uint8_t *from, size_t count)
{
    exi_flat *flat = in->flat;
    if (flat->octets_room - flat->octets_count < count)
        return refuse(in, EXI_ROOM, in->at, EXI_DONE);
    memcpy(flat->octets + flat->octets_count, from, count);
    flat->octets_count += count;
    return EXI_OK;
}

/* Count of octets or characters: what was sent less `least`, and no more than can follow. */
static int read_length(reader *in, int32_t where, uint64_t least, size_t *length)
{
    size_t at = in->at;
    uint64_t sent;
    int fault = read_unsigned(in, where, &sent);
    if (fault)
        return fault;
    if (sent < least)
        return refuse(in, EXI_STRING_TABLE, at, where);
    if (sent - least > (in->end - in->at) / 8)
        return refuse(in, EXI_LENGTH, at, where);
    *length = (size_t)(sent - least);
    return EXI_OK;
}

static int read_binary(reader *in, int32_t where)
{
    size_t length;
    int fault = read_length(in, where, 0, &length);
    if (fault)
        return fault;
    const uint8_t *from = in->octets + (in->at >> 3);
    unsigned shift = in->at & 7;
    in->at += 8 * length;
    if (shift == 0)
        return put_octets(in, from, length);
    exi_flat *flat = in->flat;
    if (flat->octets_room - flat->octets_count < length)
        return refuse(in, EXI_ROOM, in->at, EXI_DONE);
    uint8_t *to = flat->octets + flat->octets_count;
    for (size_t i = 0; i < length; i++) /* shift > 0: from[length] is within the stream */
        to[i] = (uint8_t)(from[i] << shift | from[i + 1] >> (8 - shift));
    flat->octets_count += length;
    return EXI_OK;
}

static size_t to_utf8(uint32_t point, uint8_t *out)
{
    if (point < 0x80) {
        out[0] = (uint8_t)point;
        return 1;
    }
    size_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    out[0] = (uint8_t)((0xF00 >> (more + 1)) | point >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        out[i] = (uint8_t)(0x80 | (point >> (6 * (more - i)) & 0x3F));
    return more + 1;
}

static int read_string(reader *in, int32_t where)
{
    size_t length;
    int fault = read_length(in, where, 2, &length);
    while (!fault && length--) {
        size_t at = in->at;
        uint64_t point;
        uint8_t utf8[4];
        fault = read_unsigned(in, where, &point);
        if (fault)
            break;
        if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
            return refuse(in, EXI_CHARACTER, at, where);
        fault = put_octets(in, utf8, to_utf8((uint32_t)point, utf8));
    }
    return fault;
}

static int read_big_integer(reader *in, int32_t where)
{
    size_t at = in->at;
    uint32_t part;
    uint8_t octet;
    int fault = read_bits(in, 1, where, &part);
    octet = (uint8_t)part;
    for (unsigned i = 0; !fault && i <= BIG_INTEGER_OCTETS; i++) {
        fault = put_octets(in, &octet, 1);
        if (fault || (i > 0 && part < 0x80))
            return fault;
        if (i == BIG_INTEGER_OCTETS)
            return refuse(in, EXI_TOO_LONG, at, where);
        fault = read_bits(in, 8, where, &part);
        octet = part & 0x7F;
    }
    return fault;
}

/* A number, checked against its type's range; above INT64_MAX its two's complement is kept. */
static int read_number(reader *in, const exi_value *type, int32_t where)
{
    size_t at = in->at;
    uint32_t part = 0;
    uint64_t magnitude = 0;
    int64_t value;
    int fault;
    if (type->wire == EXI_N_BIT) {
        fault = read_bits(in, type->bits, where, &part);
        if (!fault && part > type->maximum - (uint64_t)type->minimum)
            fault = refuse(in, EXI_RANGE, at, where);
        return fault ? fault : put_value(in, type->minimum + (int64_t)part);
    }
    if (type->wire == EXI_INTEGER && (fault = read_bits(in, 1, where, &part)) != EXI_OK)
        return fault;
    if ((fault = read_unsigned(in, where, &magnitude)) != EXI_OK)
        return fault;
    uint64_t limit = part ? (uint64_t)(-(type->minimum + 1)) : type->maximum;
    if (magnitude > limit || (!part && type->minimum > 0 && magnitude < (uint64_t)type->minimum))
        return refuse(in, EXI_RANGE, at, where);
    value = (int64_t)magnitude;
    return put_value(in, part ? -value - 1 : value);
}

static int read_value(reader *in, uint32_t number)
{
    const exi_value *type = &in->table->values[number];
    int32_t where = (int32_t)number;
    int fault;
    switch (type->wire) {
    case EXI_BINARY:
        fault = read_binary(in, where);
        break;
    case EXI_STRING:
        fault = read_string(in, where);
        break;
    case EXI_BIG_INTEGER:
        fault = read_big_integer(in, where);
        break;
    default:
        return read_number(in, type, where);
    }
    return fault ? fault : put_value(in, (int64_t)in->flat->octets_count);
}

static int expect_zero(reader *in)
{
    uint32_t code;
    int fault = read_bits(in, 1, IN_VALUE, &code);
    if (!fault && code)
        fault = refuse(in, EXI_ESCAPE, in->at - 1, IN_VALUE);
    return fault;
}

static int read_simple(reader *in, uint32_t number)
{
    int fault = expect_zero(in);
    if (!fault)
        fault = read_value(in, number);
    return fault ? fault : expect_zero(in);
}

static uint32_t width_of(uint32_t productions)
{
    uint32_t bits = 0;
    for (; productions; productions >>= 1)
        bits++;
    return bits;
}

/* The code in a state; after a full list, in the other reading, one more item comes first. */
static int read_code(reader *in, const exi_state *state, int32_t number, uint32_t *code)
{
    size_t at = in->at;
    if (state->full)
        in->met_full_list = 1;
    if (!state->full || !in->lists_from || state->full < in->lists_from)
        return read_bits(in, state->bits, number, code);
    int fault = read_bits(in, width_of(state->count + 1), number, code);
    if (!fault && *code == 0)
        return refuse(in, EXI_OVER_MAXIMUM, at, number);
    *code -= 1;
    return fault;
}

static int read_event(reader *in, uint32_t number, const exi_production **chosen)
{
    const exi_state *state = &in->table->states[number];
    size_t at = in->at;
    uint32_t code = 0;
    int32_t where = (int32_t)number;
    int fault = read_code(in, state, where, &code);
    if (fault)
        return fault;
    if (code >= state->count)
        return refuse(in, code == state->count ? EXI_ESCAPE : EXI_EVENT_CODE, at, where);
    *chosen = &in->table->productions[state->first + code];
    if ((*chosen)->event == EXI_ANY)
        return refuse(in, EXI_WILDCARD, at, where);
    if ((*chosen)->event == EXI_UNTYPED)
        return refuse(in, EXI_UNTYPED_CHARACTERS, at, where);
    return state->count > 1 ? put_choice(in, code) : EXI_OK;
}

static int read_fragment_end(reader *in)
{
    const exi_state *state = &in->table->states[EXI_FRAGMENT];
    size_t at = in->at;
    uint32_t code;
    int fault = read_bits(in, state->bits, EXI_DONE, &code);
    if (!fault && code != state->count)
        fault = refuse(in, EXI_EVENT_CODE, at, EXI_DONE);
    return fault;
}

static int read_document(reader *in, uint32_t root)
{
    uint32_t stack[DEPTH], depth = 0, state = root, header;
    int fault = read_bits(in, 8, (int32_t)root, &header);
    if (!fault && header != HEADER)
        return refuse(in, EXI_HEADER, 0, (int32_t)root);
    while (!fault && state != EXI_DONE) {
        const exi_production *chosen = NULL;
        fault = read_event(in, state, &chosen);
        if (fault)
            return fault;
        switch (chosen->event) {
        case EXI_ELEMENT:
            if (depth == DEPTH)
                return refuse(in, EXI_ROOM, in->at, EXI_DONE);
            stack[depth++] = chosen->next;
            state = chosen->argument;
            break;
        case EXI_SIMPLE:
            fault = read_simple(in, chosen->argument);
            state = chosen->next;
            break;
        case EXI_VALUE:
            fault = read_value(in, chosen->argument);
            state = chosen->next;
            break;
        default:
            state = depth ? stack[--depth] : EXI_DONE;
        }
    }
    return !fault && root == EXI_FRAGMENT ? read_fragment_end(in) : fault;
}

int exi_decode(const exi_table *table, const uint8_t *stream, size_t length, uint32_t root,
               exi_flat *flat, exi_report *report)
{
    static const uint32_t lists_from[] = {0, 16, 1}; /* how a full list is read */
    int first = EXI_OK;
    *report = (exi_report){0};
    if (length > SIZE_MAX / 8 || root > EXI_FRAGMENT)
        return EXI_ROOM;
    for (size_t i = 0; i < sizeof lists_from / sizeof lists_from[0]; i++) {
        reader in = {table, stream, 0, 8 * length, flat, 0, 0, lists_from[i], 0};
        flat->choices_count = flat->values_count = flat->octets_count = 0;
        int fault = read_document(&in, root);
        if (!fault) {
            report->end = in.at;
            return EXI_OK;
        }
        if (i == 0) {
            first = fault;
            report->position = in.fault_at;
            report->where = in.where;
        }
        if (!in.met_full_list)
            break;
    }
    return first;
}

/* ---- writing ---- */

typedef struct {
    const exi_table *table;
    const uint8_t *choices, *values, *octets;
    size_t choices_left, values_count, value, octets_count, octets_at;
    uint8_t *stream;
    size_t room, length; /* in octets */
    uint64_t pending;
    uint32_t pending_bits; /* under 32 between calls */
    int fault;             /* the first one; what follows it writes nothing */
    int32_t where;
} writer;

static void fail(writer *out, int fault, int32_t where)
{
    if (out->fault)
        return;
    out->fault = fault;
    out->where = where;
}

static void write_octet(writer *out, uint8_t octet)
{
    if (out->length >= out->room)
        fail(out, EXI_ROOM, EXI_DONE);
    else
        out->stream[out->length++] = octet;
}

/* Whole octets of what is pending; under 8 bits stay. */
static void flush(writer *out)
{
    while (out->pending_bits >= 8) {
        out->pending_bits -= 8;
        write_octet(out, (uint8_t)(out->pending >> out->pending_bits));
    }
}

/* Up to 32 bits. */
static void write_bits(writer *out, uint32_t value, uint32_t count)
{
    out->pending = out->pending << count | value;
    out->pending_bits += count;
    if (out->pending_bits >= 32)
        flush(out);
}

static void write_unsigned(writer *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        write_bits(out, (uint32_t)(value & 0x7F) | 0x80, 8);
    write_bits(out, (uint32_t)value, 8);
}

/* A character of UTF-8 and how many octets it took; 0 where there is none. */
static size_t from_utf8(const uint8_t *from, size_t left, uint32_t *point)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint8_t lead = from[0];
    if (lead < 0x80) {
        *point = lead;
        return 1;
    }
    size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || left <= more)
        return 0;
    *point = lead & (0x3Fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((from[i] & 0xC0) != 0x80)
            return 0;
        *point = *point << 6 | (from[i] & 0x3F);
    }
    int bad = *point < least[more] || *point > 0x10FFFF || (*point >= 0xD800 && *point <= 0xDFFF);
    return bad ? 0 : more + 1;
}

static void write_string(writer *out, const uint8_t *from, size_t length)
{
    uint64_t count = 0;
    size_t taken;
    uint32_t point;
    for (size_t at = 0; at < length; at += taken, count++) {
        taken = from_utf8(from + at, length - at, &point);
        if (!taken) {
            fail(out, EXI_FLAT, EXI_DONE);
            return;
        }
    }
    write_unsigned(out, count + 2);
    for (size_t at = 0; at < length && !out->fault; at += taken) {
        taken = from_utf8(from + at, length - at, &point);
        write_unsigned(out, point);
    }
}

static void write_binary(writer *out, const uint8_t *from, size_t length)
{
    write_unsigned(out, length);
    flush(out);
    if (out->room - out->length < length) {
        fail(out, EXI_ROOM, EXI_DONE);
        return;
    }
    uint8_t *to = out->stream + out->length;
    uint32_t shift = out->pending_bits, carried = (uint32_t)out->pending;
    for (size_t i = 0; i < length; i++) {
        carried = carried << 8 | from[i];
        to[i] = (uint8_t)(carried >> shift);
    }
    out->length += length;
    out->pending = carried;
}

static void write_big_integer(writer *out, const uint8_t *from, size_t length)
{
    if (length < 2 || length > BIG_INTEGER_OCTETS + 1) {
        fail(out, EXI_FLAT, EXI_DONE);
        return;
    }
    write_bits(out, from[0] & 1, 1);
    for (size_t i = 1; i < length; i++)
        write_bits(out, (from[i] & 0x7F) | (i + 1 < length ? 0x80 : 0), 8);
}

static void write_octets(writer *out, uint32_t wire, int64_t end)
{
    if (end < 0 || (uint64_t)end > out->octets_count || (size_t)end < out->octets_at) {
        fail(out, EXI_FLAT, EXI_DONE);
        return;
    }
    const uint8_t *from = out->octets + out->octets_at;
    size_t length = (size_t)end - out->octets_at;
    out->octets_at = (size_t)end;
    if (wire == EXI_BINARY)
        write_binary(out, from, length);
    else if (wire == EXI_STRING)
        write_string(out, from, length);
    else
        write_big_integer(out, from, length);
}

static void write_number(writer *out, const exi_value *type, int64_t value)
{
    int in_range = value < 0 && type->minimum < 0
                       ? value >= type->minimum
                       : (uint64_t)value <= type->maximum &&
                             (type->minimum <= 0 || (uint64_t)value >= (uint64_t)type->minimum);
    if (!in_range) {
        fail(out, EXI_RANGE, EXI_DONE);
        return;
    }
    if (type->wire == EXI_N_BIT) {
        write_bits(out, (uint32_t)(value - type->minimum), type->bits);
        return;
    }
    if (type->wire == EXI_INTEGER) {
        write_bits(out, value < 0, 1);
        value = value < 0 ? -(value + 1) : value;
    }
    write_unsigned(out, (uint64_t)value);
}

static void write_value(writer *out, uint32_t number)
{
    const exi_value *type = &out->table->values[number];
    int64_t value;
    if (out->value == out->values_count) {
        fail(out, EXI_FLAT, EXI_DONE);
        return;
    }
    memcpy(&value, out->values + sizeof value * out->value, sizeof value);
    if (type->wire >= EXI_BIG_INTEGER)
        write_octets(out, type->wire, value);
    else
        write_number(out, type, value);
    if (!out->fault)
        out->value++;
}

static uint32_t next_choice(writer *out, uint32_t none)
{
    if (!out->choices_left)
        return none;
    out->choices_left--;
    uint32_t code = *out->choices++;
    if (code == LONG_CHOICE && out->choices_left) {
        out->choices_left--;
        code += *out->choices++;
    }
    return code;
}

static const exi_production *write_event(writer *out, uint32_t number)
{
    const exi_state *state = &out->table->states[number];
    uint32_t code = state->count > 1 ? next_choice(out, state->count) : 0;
    if (code >= state->count || out->table->productions[state->first + code].event >= EXI_ANY) {
        fail(out, EXI_FLAT, (int32_t)number);
        return NULL;
    }
    write_bits(out, code, state->bits);
    return &out->table->productions[state->first + code];
}

static void write_document(writer *out, uint32_t root)
{
    uint32_t stack[DEPTH], depth = 0, state = root;
    write_bits(out, HEADER, 8);
    while (state != EXI_DONE) {
        const exi_production *chosen = write_event(out, state);
        if (out->fault)
            return;
        switch (chosen->event) {
        case EXI_ELEMENT:
            if (depth == DEPTH) {
                fail(out, EXI_FLAT, EXI_DONE);
                return;
            }
            stack[depth++] = chosen->next;
            state = chosen->argument;
            break;
        case EXI_SIMPLE:
            write_bits(out, 0, 1);
            write_value(out, chosen->argument);
            write_bits(out, 0, 1);
            state = chosen->next;
            break;
        case EXI_VALUE:
            write_value(out, chosen->argument);
            state = chosen->next;
            break;
        default:
            state = depth ? stack[--depth] : EXI_DONE;
        }
    }
    if (root == EXI_FRAGMENT)
        write_bits(out, out->table->states[root].count, out->table->states[root].bits);
}

int exi_encode(const exi_table *table, const uint8_t *choices, size_t choices_count,
               const uint8_t *values, size_t values_count, const uint8_t *octets,
               size_t octets_count, uint32_t root, uint8_t *stream, size_t room,
               exi_report *report)
{
    writer out = {.table = table,
                  .choices = choices,
                  .values = values,
                  .octets = octets,
                  .choices_left = choices_count,
                  .values_count = values_count,
                  .octets_count = octets_count,
                  .stream = stream,
                  .room = room};
    *report = (exi_report){0};
    if (room > SIZE_MAX / 8 || root > EXI_FRAGMENT)
        return EXI_ROOM;
    write_document(&out, root);
    write_bits(&out, 0, (0u - out.pending_bits) & 7);
    flush(&out);
    report->position = out.value;
    report->where = out.where;
    report->end = 8 * out.length;
    return out.fault;
}
