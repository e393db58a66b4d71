import GRDB

/// The journal's tables. Migrations are only ever added.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 journal") { db in
            try db.execute(
                sql: """
                    CREATE TABLE records (
                        seq INTEGER PRIMARY KEY CHECK (seq >= 1),
                        body BLOB NOT NULL CHECK (length(body) BETWEEN 2 AND 4096),
                        chain BLOB NOT NULL CHECK (length(chain) = 32)
                    ) STRICT;

                    -- What the records up to and including `seq` add up to.
                    CREATE TABLE summaries (
                        seq INTEGER PRIMARY KEY,
                        body TEXT NOT NULL
                    ) STRICT;

                    CREATE TABLE identity (
                        one INTEGER PRIMARY KEY CHECK (one = 1),
                        device TEXT NOT NULL,
                        boot INTEGER NOT NULL CHECK (boot >= 0),
                        boot_id TEXT NOT NULL
                    ) STRICT;

                    CREATE TABLE acknowledged (
                        one INTEGER PRIMARY KEY CHECK (one = 1),
                        through INTEGER NOT NULL CHECK (through >= 1),
                        body BLOB NOT NULL
                    ) STRICT;

                    CREATE TABLE bulletins (
                        kind TEXT NOT NULL,
                        version INTEGER NOT NULL CHECK (version >= 1),
                        line BLOB NOT NULL,
                        seal BLOB NOT NULL,
                        PRIMARY KEY (kind, version)
                    ) STRICT;

                    CREATE TABLE cards (
                        card TEXT PRIMARY KEY,
                        role TEXT NOT NULL,
                        balance INTEGER
                    ) STRICT, WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("2 upkeep") { db in
            try db.execute(
                sql: """
                    -- Written to see whether the medium takes anything.
                    CREATE TABLE probe (
                        one INTEGER PRIMARY KEY CHECK (one = 1),
                        body BLOB NOT NULL
                    ) STRICT;

                    -- The records up to `seq` don't count here any more: they were pruned, or are
                    -- held by the hub only. `chain` is what the chain goes on from.
                    CREATE TABLE cut (
                        one INTEGER PRIMARY KEY CHECK (one = 1),
                        seq INTEGER NOT NULL CHECK (seq >= 1),
                        chain BLOB NOT NULL CHECK (length(chain) = 32)
                    ) STRICT;
                    """)
        }
        return migrator
    }
}
