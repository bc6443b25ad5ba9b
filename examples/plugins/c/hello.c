// Says whether the store is open.

#include <stdlib.h>
#include <string.h>

#include "hello.h"

static bool mentions(const hello_string_t *text, const char *word) {
    size_t length = strlen(word);
    for (size_t at = 0; at + length <= text->len; at++) {
        if (memcmp(text->ptr + at, word, length) == 0) {
            return true;
        }
    }
    return false;
}

/// Puts `text` after what is in `out`, as far as there is room.
static void append(hello_string_t *out, size_t room, const void *text, size_t length) {
    if (out->len + length <= room) {
        memcpy(out->ptr + out->len, text, length);
        out->len += length;
    }
}

bool exports_nightclerk_plugin_on_message_handle(exports_nightclerk_plugin_on_message_context_t *context,
                                                 exports_nightclerk_plugin_on_message_message_t *message,
                                                 exports_nightclerk_plugin_on_message_outcome_t *outcome,
                                                 hello_string_t *error) {
    (void)error;
    if (!message->text.is_some || !mentions(&message->text.val, "open")) {
        outcome->tag = NIGHTCLERK_PLUGIN_TYPES_OUTCOME_PASS; // not for me
        return true;
    }
    // What is answered is freed by the generated code: it has to come from malloc.
    size_t room = 1024;
    hello_string_t text = {malloc(room), 0};
    append(&text, room, context->store.store_name.ptr, context->store.store_name.len);
    if (context->store.open) {
        append(&text, room, " is open.", 9);
    } else if (context->store.opens.is_some) {
        append(&text, room, " is closed; people are back ", 28);
        append(&text, room, context->store.opens.val.text.ptr, context->store.opens.val.text.len);
        append(&text, room, ".", 1);
    } else {
        append(&text, room, " is closed.", 11);
    }
    nightclerk_plugin_types_action_t *action = malloc(sizeof *action);
    action->tag = NIGHTCLERK_PLUGIN_TYPES_ACTION_REPLY;
    action->val.reply.tag = NIGHTCLERK_PLUGIN_TYPES_CONTENT_TEXT;
    action->val.reply.val.text = text;
    outcome->tag = NIGHTCLERK_PLUGIN_TYPES_OUTCOME_HANDLED;
    outcome->val.handled.ptr = action;
    outcome->val.handled.len = 1;
    return true;
}
