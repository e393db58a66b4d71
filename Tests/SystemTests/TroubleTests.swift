import Glibc
import Records
import Testing

extension SystemTests {
    /// What breaks, who makes mistakes, and how the programs stop.
    @Suite(.serialized) struct TroubleTests {
        @Test func anOrderThatWasCutOffIsRecoveredAndPaidOnce() async throws {
            try await Rig.run { rig in
                try rig.configure(trust: "")
                let (_, daemon) = try await rig.startBin()
                try await rig.bin.greet("uid:04A1B2C3")
                try await rig.bin.drop(300, into: "pet")
                daemon.end()
                try await rig.bin.act("put pet 200")
                _ = rig.keep(try rig.bin.startDaemon())
                let orders = try await waiting(for: "the recovered order") {
                    let orders = try await rig.bin.journal().of("order")
                    return orders.isEmpty ? nil : orders
                }
                try #require(orders.first?["closed"] == "power")
                try #require(orders.first?["mass"] == 500)
                let deposits = try await rig.bin.journal().of("deposit")
                try #require(deposits.last?["flags"]?.array?.contains("recovered") == true)
                _ = try await rig.bin.ctl("journal", "verify")
            }
        }

        @Test func aSecondDaemonOnTheSameStorageIsRefused() async throws {
            try await Rig.run { rig in
                try rig.configure(trust: "")
                _ = try await rig.startBin()
                let second = try await rig.bin.run(
                    "steelyardd", ["--config", "bin.yaml", "--socket", "other.sock"])
                try #require(second.code == 75)
                try #require(second.errorLines.count == 1)
                try #require(second.errors.contains("store"))
            }
        }

        @Test func stoppingSettlesTheOrderThoughAScreenWatches() async throws {
            try await Rig.run { rig in
                try rig.configure(trust: "")
                let (simulator, daemon) = try await rig.startBin()
                let witness = Witness(at: rig.bin.control)
                try await rig.bin.greet("uid:04A1B2C3")
                try await rig.bin.drop(300, into: "pet")
                daemon.signal(SIGTERM)
                try #require(try await daemon.wait(seconds: 30) == .exited(0))
                simulator.signal(SIGTERM)
                try #require(try await simulator.wait(seconds: 30) == .exited(0))
                try await waiting(for: "the screen's end") { witness.isOver ? true : nil }.discard()
                try #require(witness.displays.contains { $0["state"] == "deposit" })
                _ = try await rig.startBin()
                let order = try #require(try await rig.bin.journal().of("order").first)
                try #require(order["closed"] == "service")
                try #require(order["mass"] == 300)
            }
        }

        @Test func anAdapterThatIsPulledOutIsAFaultAndComesBackByItself() async throws {
            try await Rig.run { rig in
                try rig.configure(trust: "")
                _ = try await rig.startBin()
                try await rig.bin.sim("fault", "bus", "rs485", "off")
                try await waiting(for: "the fault") {
                    try await rig.bin.journal().of("fault").isEmpty ? nil : true
                }.discard()
                try await rig.bin.sim("fault", "bus", "rs485", "on")
                try await waiting(for: "the end of the fault") {
                    try await rig.bin.status()["faults"]?.array?.isEmpty == true ? true : nil
                }.discard()
                try await rig.bin.rest()
                try await rig.bin.greet("uid:04A1B2C3")
                try await rig.bin.drop(300, into: "pet")
            }
        }

        @Test(arguments: ["silent", "late", "garbage"])
        func aBrokenScaleStopsNeitherTheOtherNorEarnsAnything(fault: String) async throws {
            try await Rig.run { rig in
                try rig.configure(trust: "")
                _ = try await rig.startBin()
                try await rig.bin.sim("fault", "scale", "pet", fault)
                try await waiting(for: "the fault") {
                    try await rig.bin.status()["faults"]?.array?.isEmpty == false ? true : nil
                }.discard()
                try await rig.bin.greet("uid:04A1B2C3")
                try await rig.bin.drop(400, into: "film")
                try await rig.bin.leave("uid:04A1B2C3")
                let journal = try await rig.bin.journal()
                try #require(journal.of("deposit").count == 1)
                try #require(journal.of("order").first?["mass"] == 400)
            }
        }

        @Test(
            "a mistake is one line that names it, with the exit code of sysexits",
            arguments: [
                ("steelyardd", ["--config", "missing.yaml"], 78, "missing.yaml"),
                ("steelyardctl", ["--socket", "missing.sock", "status"], 69, "missing.sock"),
                ("steelyardctl", ["config", "check", "missing.yaml"], 78, "missing.yaml"),
                ("steelyardctl", ["frobnicate"], 64, "frobnicate"),
                ("steelyard-sim", ["tap", "uid:04A1B2C3", "--socket", "no.sock"], 69, "no.sock"),
                (
                    "steelyard-hub", ["import", "missing", "--database", "sqlite:h.db"], 66,
                    "missing"
                ),
                ("steelyard-hub", ["serve", "--listen", "0.0.0.0:1"], 78, "0.0.0.0"),
                ("steelyard-hub", ["verify", "--database", "postgres://x"], 78, "PostgreSQL"),
            ] as [(String, [String], Int32, String)])
        func saysWhatIsWrong(
            program: String, arguments: [String], code: Int32, word: String
        ) async throws {
            try await Rig.run { rig in
                let said = try await rig.bin.run(program, arguments)
                try #require(said.code == code, "\(said.errors)")
                try #require(said.errorLines.count == 1, "\(said.errors)")
                try #require(said.errors.contains(word), "\(said.errors)")
                try #require(said.output.isEmpty)
            }
        }

        @Test(arguments: ["steelyardd", "steelyardctl", "steelyard-hub", "steelyard-sim"])
        func everyProgramHasHelpAndAVersion(program: String) async throws {
            try await Rig.run { rig in
                let version = try await rig.bin.done(program, ["--version"]).line
                if program == "steelyardd" {
                    // With the beginning of the program's own digest.
                    let sum = try await rig.bin.done(
                        "/usr/bin/env", ["sha256sum", "\(Bin.programs)/\(program)"])
                    try #require(version == "0.1.0+\(sum.output.prefix(16))")
                } else {
                    try #require(version == "0.1.0")
                }
                let help = try await rig.bin.done(program, ["--help"]).output
                try #require(help.contains("USAGE: \(program)"))
            }
        }
    }
}
