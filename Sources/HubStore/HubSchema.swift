import BinCore
import GRDB
import HubCore
import Records

/// The hub's tables. Migrations are append-only: one that has been released is never changed.
enum HubSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            for sql in [
                Self.hub, Self.devices, Self.journals, Self.book, Self.cards, Self.bulletins,
            ] {
                try db.execute(sql: sql)
            }
        }
        migrator.registerMigration("2") { db in
            try db.execute(sql: Self.clocks)
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT device, bytes FROM record
                    WHERE json_extract(CAST(bytes AS TEXT), '$.kind') = 'clock'
                    """)
            while let row = try rows.next() {
                let device = try row.text("device") { DeviceID($0) }
                if let step = ClockStep(try Record(bytes: row.bytes("bytes")), of: device) {
                    try SQLiteHubStore.insert(step, in: db)
                }
            }
        }
        migrator.registerMigration("3 seams") { db in try db.execute(sql: Self.seams) }
        return migrator
    }

    /// One row: the seed of the key that the hub signs with.
    private static let hub = """
        CREATE TABLE hub (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            seed BLOB NOT NULL CHECK (length(seed) = 32)
        ) STRICT;
        """

    /// `last`, `chain` and `laws` are the end of the held journal. Times are ms since 1970.
    private static let devices = """
        CREATE TABLE device (
            id TEXT PRIMARY KEY,
            community TEXT NOT NULL,
            token BLOB NOT NULL UNIQUE CHECK (length(token) = 32),
            added INTEGER NOT NULL,
            revoked INTEGER,
            key TEXT,
            last INTEGER NOT NULL DEFAULT 0 CHECK (last >= 0),
            chain BLOB NOT NULL CHECK (length(chain) = 32),
            laws TEXT NOT NULL,
            received INTEGER,
            forked INTEGER CHECK (forked >= 1),
            refused INTEGER NOT NULL DEFAULT 0 CHECK (refused >= 0),
            CHECK ((key IS NULL) = (last = 0))
        ) STRICT;
        """

    /// What came, as it came, and what was refused.
    private static let journals = """
        CREATE TABLE batch (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            device TEXT NOT NULL REFERENCES device (id),
            first INTEGER NOT NULL CHECK (first >= 1),
            last INTEGER NOT NULL,
            new_from INTEGER NOT NULL CHECK (new_from BETWEEN first AND last),
            head BLOB NOT NULL,
            tail BLOB NOT NULL,
            received INTEGER NOT NULL,
            UNIQUE (device, new_from)
        ) STRICT;
        CREATE TABLE record (
            device TEXT NOT NULL REFERENCES device (id),
            seq INTEGER NOT NULL CHECK (seq >= 1),
            bytes BLOB NOT NULL CHECK (length(bytes) BETWEEN 1 AND 4096),
            chain BLOB NOT NULL CHECK (length(chain) = 32),
            batch INTEGER NOT NULL REFERENCES batch (id),
            UNIQUE (device, seq)
        ) STRICT;
        CREATE TABLE refused (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            device TEXT NOT NULL REFERENCES device (id),
            received INTEGER NOT NULL,
            code TEXT NOT NULL,
            problem TEXT NOT NULL,
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            bytes BLOB NOT NULL,
            times INTEGER NOT NULL DEFAULT 1 CHECK (times >= 1),
            UNIQUE (device, digest)
        ) STRICT;
        """

    /// What follows from the records: entries of accounts, deposits for reports.
    private static let book = """
        CREATE TABLE entry (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            device TEXT NOT NULL,
            seq INTEGER NOT NULL,
            number INTEGER NOT NULL,
            card TEXT NOT NULL,
            account TEXT,
            at INTEGER NOT NULL,
            clock TEXT NOT NULL CHECK (clock IN ('synced', 'holdover', 'unset')),
            deposits INTEGER NOT NULL CHECK (deposits >= 0),
            mass INTEGER NOT NULL,
            value INTEGER NOT NULL,
            co2e INTEGER NOT NULL,
            closed TEXT NOT NULL,
            received INTEGER NOT NULL,
            UNIQUE (device, seq),
            UNIQUE (device, number),
            FOREIGN KEY (device, seq) REFERENCES record (device, seq)
        ) STRICT;
        CREATE INDEX entry_account ON entry (account, id);
        CREATE INDEX entry_unclaimed ON entry (card) WHERE account IS NULL;
        CREATE TABLE deposit (
            device TEXT NOT NULL,
            seq INTEGER NOT NULL,
            at INTEGER NOT NULL,
            number INTEGER NOT NULL,
            compartment TEXT NOT NULL,
            material TEXT NOT NULL,
            mass INTEGER NOT NULL,
            pieces INTEGER NOT NULL,
            value INTEGER NOT NULL,
            co2e INTEGER NOT NULL,
            UNIQUE (device, seq),
            FOREIGN KEY (device, seq) REFERENCES record (device, seq)
        ) STRICT;
        CREATE INDEX deposit_material ON deposit (material, at);
        """

    /// Every list of cards that ever came, as what it changed.
    private static let cards = """
        CREATE TABLE registration (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            card TEXT NOT NULL,
            account TEXT,
            role TEXT NOT NULL CHECK (
                role IN ('resident', 'collector', 'technician', 'inspector', 'blocked')
            ),
            at INTEGER NOT NULL,
            after_entry INTEGER NOT NULL CHECK (after_entry >= 0),
            CHECK (role <> 'resident' OR account IS NOT NULL)
        ) STRICT;
        CREATE INDEX registration_card ON registration (card, id);
        CREATE INDEX registration_account ON registration (account);
        """

    /// What a record's time is corrected with: steps of the bins' clocks, and when each entry and
    /// deposit was by the clock that never steps.
    private static let clocks = """
        CREATE TABLE step (
            device TEXT NOT NULL,
            seq INTEGER NOT NULL,
            at INTEGER NOT NULL,
            clock TEXT NOT NULL CHECK (clock IN ('synced', 'holdover', 'unset')),
            boot INTEGER NOT NULL,
            up INTEGER NOT NULL,
            UNIQUE (device, seq),
            FOREIGN KEY (device, seq) REFERENCES record (device, seq)
        ) STRICT;
        CREATE INDEX step_boot ON step (device, boot, seq);
        ALTER TABLE entry ADD COLUMN boot INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE entry ADD COLUMN up INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE deposit ADD COLUMN clock TEXT NOT NULL DEFAULT 'unset'
            CHECK (clock IN ('synced', 'holdover', 'unset'));
        ALTER TABLE deposit ADD COLUMN boot INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE deposit ADD COLUMN up INTEGER NOT NULL DEFAULT 0;
        UPDATE entry SET (boot, up) = (
            SELECT json_extract(CAST(bytes AS TEXT), '$.boot'),
                json_extract(CAST(bytes AS TEXT), '$.up')
            FROM record WHERE record.device = entry.device AND record.seq = entry.seq);
        UPDATE deposit SET (clock, boot, up) = (
            SELECT json_extract(CAST(bytes AS TEXT), '$.clock'),
                json_extract(CAST(bytes AS TEXT), '$.boot'),
                json_extract(CAST(bytes AS TEXT), '$.up')
            FROM record WHERE record.device = deposit.device AND record.seq = deposit.seq);
        """

    /// Where a bin's own records part from those that were taken from it, and what it has instead.
    /// `last`, `chain` and `laws` are how far these came; a seam is open while `last` < `after`.
    private static let seams = """
        CREATE TABLE seam (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            device TEXT NOT NULL REFERENCES device (id),
            at INTEGER NOT NULL CHECK (at >= 1),
            after INTEGER NOT NULL CHECK (after >= at),
            last INTEGER NOT NULL CHECK (last BETWEEN at - 1 AND after),
            chain BLOB NOT NULL CHECK (length(chain) = 32),
            laws TEXT NOT NULL,
            released INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX seam_device ON seam (device, id);
        CREATE TABLE other_record (
            seam INTEGER NOT NULL REFERENCES seam (id),
            seq INTEGER NOT NULL CHECK (seq >= 1),
            bytes BLOB NOT NULL CHECK (length(bytes) BETWEEN 1 AND 4096),
            chain BLOB NOT NULL CHECK (length(chain) = 32),
            UNIQUE (seam, seq)
        ) STRICT;
        CREATE TABLE other_batch (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            seam INTEGER NOT NULL REFERENCES seam (id),
            bytes BLOB NOT NULL,
            received INTEGER NOT NULL
        ) STRICT;
        """

    private static let bulletins = """
        CREATE TABLE bulletin (
            kind TEXT NOT NULL,
            version INTEGER NOT NULL CHECK (version >= 1),
            audience TEXT NOT NULL,
            line BLOB NOT NULL,
            seal BLOB NOT NULL,
            published INTEGER NOT NULL,
            UNIQUE (kind, version)
        ) STRICT;
        """
}
