/// Who may import what: HOUSE.md's picture as a table. A target that stands in no row is a finding,
/// so that a new one gets its row when it is made.
struct AllowedImports {
    /// What a target may import besides the shared plumbing.
    struct Row {
        var target: String
        var modules: Set<String>
        /// Whether it may use the plumbing: not so in the pure targets.
        var usesPlumbing = true
    }

    /// Operating system and server libraries, without a say in what the program decides.
    static let plumbing: Set<String> = [
        "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Musl", "Synchronization",
        "HTTPTypes", "Hummingbird", "HummingbirdCore", "Logging", "NIOCore", "NIOFoundationCompat",
        "NIOHTTP1", "NIOPosix", "ServiceLifecycle", "UnixSignals",
    ]

    static let table: [Row] = [
        // Pure: no clock, file, network, logger or random source can be reached from here.
        Row(target: "BinCore", modules: [], usesPlumbing: false),
        Row(target: "Records", modules: ["BinCore", "Crypto"], usesPlumbing: false),
        Row(target: "HubCore", modules: ["BinCore", "Records"], usesPlumbing: false),

        // Shared by bin and hub.
        Row(target: "Settings", modules: ["BinCore", "Crypto", "Records", "Yams"]),
        Row(target: "Supervision", modules: []),
        Row(target: "Console", modules: []),
        Row(target: "Measuring", modules: ["Console", "Records"]),
        Row(target: "Program", modules: ["ArgumentParser", "Console"]),
        Row(target: "HTTPDoor", modules: ["AsyncHTTPClient", "BinCore", "CZlib", "Records"]),

        // Effect modules never import each other: they meet in an executable.
        Row(target: "BinHardware", modules: ["BinCore", "CGPIO", "CHX711", "CModbus"]),
        Row(target: "BinJournal", modules: ["BinCore", "GRDB", "Records"]),
        Row(target: "BinRuntime", modules: ["BinCore", "Records"]),
        Row(target: "BinSync", modules: ["BinCore", "HTTPDoor", "Records"]),
        Row(target: "BinControl", modules: ["BinCore", "HTTPDoor", "Records"]),
        Row(target: "BinDisplay", modules: ["BinCore", "HTTPDoor", "Records"]),
        Row(target: "HubStore", modules: ["BinCore", "GRDB", "HubCore", "Records"]),
        Row(target: "HubAPI", modules: ["BinCore", "HTTPDoor", "HubCore", "Records"]),
        Row(target: "Simulation", modules: ["BinCore", "CGPIO", "CModbus", "Records"]),

        // Executables compose.
        Row(
            target: "steelyardd",
            modules: [
                "ArgumentParser", "BinControl", "BinCore", "BinDisplay", "BinHardware",
                "BinJournal", "BinRuntime", "BinSync", "CClock", "Console", "HTTPDoor", "Program",
                "Records",
                "Settings", "Supervision",
            ]),
        Row(
            target: "steelyardctl",
            modules: [
                "ArgumentParser", "BinCore", "Console", "HTTPDoor", "Program", "Records",
                "Settings",
            ]),
        Row(
            target: "steelyard-hub",
            modules: [
                "ArgumentParser", "BinCore", "Console", "HTTPDoor", "HubAPI", "HubCore",
                "HubStore", "Program", "Records", "Supervision",
            ]),
        Row(
            target: "steelyard-sim",
            modules: [
                "ArgumentParser", "BinCore", "Console", "HTTPDoor", "Program", "Records",
                "Settings",
                "Simulation", "Supervision",
            ]),
        Row(
            target: "steelyard-bench",
            modules: [
                "ArgumentParser", "BinCore", "BinHardware", "BinJournal", "CBareLimits", "CGPIO",
                "Console", "Measuring", "Program", "Records", "Simulation",
            ]),
    ]

    /// The module that a line of code imports, or `nil`.
    static func module(importedBy code: String) -> String? {
        guard code.contains("import ") else { return nil }
        let line =
            #/
            ^\s* (?:@\w+\s+)* (?:(?:public|package|internal|fileprivate|private)\s+)?
            import\s+ (?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)? (\w+)
            /#
        return code.firstMatch(of: line).map { String($0.1) }
    }
}
