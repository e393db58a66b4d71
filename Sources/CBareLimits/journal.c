#include "CBareLimits.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct limits_journal {
    sqlite3 *database;
    sqlite3_stmt *begin;
    sqlite3_stmt *insert;
    sqlite3_stmt *commit;
};

// The journal's own table: BinJournal, Schema.swift.
static const char table[] =
    "CREATE TABLE IF NOT EXISTS records ("
    " seq INTEGER PRIMARY KEY CHECK (seq >= 1),"
    " body BLOB NOT NULL CHECK (length(body) BETWEEN 2 AND 4096),"
    " chain BLOB NOT NULL CHECK (length(chain) = 32)) STRICT";

// The first value that `sql` returns, as text in `out`. Returns 1, 0 without one, or negative.
static int ask(sqlite3 *database, const char *sql, char *out, size_t size) {
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
    if (result != SQLITE_OK) return -result;
    result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        const unsigned char *text = sqlite3_column_text(statement, 0);
        snprintf(out, size, "%s", text ? (const char *)text : "");
    }
    sqlite3_finalize(statement);
    return result == SQLITE_ROW ? 1 : result == SQLITE_DONE ? 0 : -result;
}

static int set_up(limits_journal *journal, int page_bytes) {
    sqlite3 *database = journal->database;
    char text[64];
    snprintf(text, sizeof text, "PRAGMA page_size = %d", page_bytes);
    int result = sqlite3_exec(database, text, NULL, NULL, NULL);
    if (result != SQLITE_OK) return -result;
    // As BinJournal, Journal.open(_:): it costs a page whenever the file grows by one.
    result = sqlite3_exec(database, "PRAGMA auto_vacuum = INCREMENTAL", NULL, NULL, NULL);
    if (result != SQLITE_OK) return -result;
    if (ask(database, "PRAGMA journal_mode = wal", text, sizeof text) != 1 ||
        strcmp(text, "wal") != 0) {
        return -SQLITE_CANTOPEN;
    }
    result = sqlite3_exec(database, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
    if (result != SQLITE_OK) return -result;
    if (ask(database, "PRAGMA synchronous", text, sizeof text) != 1 || strcmp(text, "2") != 0) {
        return -SQLITE_CANTOPEN;
    }
    result = sqlite3_exec(database, table, NULL, NULL, NULL);
    if (result != SQLITE_OK) return -result;
    result = sqlite3_prepare_v2(database, "BEGIN IMMEDIATE", -1, &journal->begin, NULL);
    if (result == SQLITE_OK) {
        result = sqlite3_prepare_v2(database,
                                    "INSERT INTO records (seq, body, chain) VALUES (?, ?, ?)", -1,
                                    &journal->insert, NULL);
    }
    if (result == SQLITE_OK) {
        result = sqlite3_prepare_v2(database, "COMMIT", -1, &journal->commit, NULL);
    }
    return -result;
}

int limits_journal_open(const char *path, int page_bytes, limits_journal **out) {
    limits_journal *journal = calloc(1, sizeof *journal);
    if (!journal) return -SQLITE_NOMEM;
    int result = sqlite3_open(path, &journal->database);
    result = result == SQLITE_OK ? set_up(journal, page_bytes) : -result;
    if (result < 0) {
        limits_journal_close(journal);
        return result;
    }
    *out = journal;
    return 0;
}

static int run(sqlite3_stmt *statement) {
    int result = sqlite3_step(statement);
    int reset = sqlite3_reset(statement);
    if (result != SQLITE_DONE) return -result;
    return -reset;
}

int limits_journal_insert(limits_journal *journal, int64_t seq, const void *body, int body_bytes,
                          const void *chain) {
    int result = run(journal->begin);
    if (result < 0) return result;
    sqlite3_bind_int64(journal->insert, 1, seq);
    sqlite3_bind_blob(journal->insert, 2, body, body_bytes, SQLITE_STATIC);
    sqlite3_bind_blob(journal->insert, 3, chain, 32, SQLITE_STATIC);
    result = run(journal->insert);
    return result < 0 ? result : run(journal->commit);
}

void limits_journal_close(limits_journal *journal) {
    if (!journal) return;
    sqlite3_finalize(journal->begin);
    sqlite3_finalize(journal->insert);
    sqlite3_finalize(journal->commit);
    sqlite3_close(journal->database);
    free(journal);
}

int limits_page_bytes(const char *path) {
    sqlite3 *database = NULL;
    char text[32];
    int result = sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL);
    result = result == SQLITE_OK ? ask(database, "PRAGMA page_size", text, sizeof text) : -result;
    sqlite3_close(database);
    if (result < 0) return result;
    return result == 1 ? atoi(text) : -SQLITE_ERROR;
}
