// swift-tools-version: 6.2
import PackageDescription

// Every Swift target gets the same strict features, so that no module drifts.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let httpClient: Target.Dependency = .product(
    name: "AsyncHTTPClient", package: "async-http-client")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(
    name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(
    name: "HummingbirdTesting", package: "hummingbird")
let lifecycle: Target.Dependency = .product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let unixSignals: Target.Dependency = .product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "steelyard",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries, each behind one header.
        .target(name: "CClock"),
        .target(
            name: "CBareLimits",
            linkerSettings: [
                .linkedLibrary("gpiod"), .linkedLibrary("modbus"), .linkedLibrary("sqlite3"),
            ]),
        .target(name: "CGPIO", linkerSettings: [.linkedLibrary("gpiod")]),
        .target(name: "CHX711", dependencies: ["CGPIO"]),
        .target(name: "CModbus", linkerSettings: [.linkedLibrary("modbus")]),
        .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),

        // The pure core and the formats of CONTRACT.md.
        .target(name: "BinCore"),
        .target(name: "Records", dependencies: ["BinCore", crypto]),
        .target(
            name: "Settings", dependencies: ["BinCore", crypto, yams],
            resources: [.embedInCode("profiles")]),
        .target(
            name: "HTTPDoor",
            dependencies: [
                "BinCore", "CZlib", "Records", httpClient, httpTypes, hummingbird, hummingbirdCore,
                lifecycle, logging, nioCore, nioHTTP1, nioPosix,
            ]),

        .target(name: "Console"),
        .target(name: "Measuring", dependencies: ["Console", "Records"]),
        .target(name: "Program", dependencies: ["Console", argumentParser]),
        .target(name: "Supervision", dependencies: [lifecycle, logging]),

        // The bin: effect modules, which meet in an executable.
        .target(
            name: "BinHardware",
            dependencies: ["BinCore", "CGPIO", "CHX711", "CModbus", lifecycle, logging]),
        .target(name: "BinJournal", dependencies: ["BinCore", "Records", grdb]),
        .target(
            name: "BinRuntime", dependencies: ["BinCore", "Records", lifecycle, logging]),
        .target(
            name: "BinSync",
            dependencies: ["BinCore", "HTTPDoor", "Records", httpTypes, lifecycle, logging]),
        .target(
            name: "BinControl",
            dependencies: ["BinCore", "Records", "HTTPDoor", hummingbird, httpTypes, nioCore]),
        .target(
            name: "BinDisplay",
            dependencies: [
                "BinCore", "Records", "HTTPDoor", hummingbird, httpTypes, lifecycle, nioCore,
            ],
            resources: [.embedInCode("Page")]),

        // The hub.
        .target(name: "HubCore", dependencies: ["BinCore", "Records"]),
        .target(name: "HubStore", dependencies: ["BinCore", "HubCore", "Records", grdb]),
        .target(
            name: "HubAPI",
            dependencies: [
                "BinCore", "HubCore", "HTTPDoor", "Records", hummingbird, httpTypes, logging,
                nioCore,
            ],
            resources: [.embedInCode("openapi.json")]),

        // The test kit that is also steelyard-sim.
        .target(name: "Simulation", dependencies: ["BinCore"]),

        .executableTarget(
            name: "steelyardd",
            dependencies: [
                "BinControl", "BinCore", "BinDisplay", "BinHardware", "BinJournal", "BinRuntime",
                "BinSync", "CClock", "Console", "HTTPDoor", "Program", "Records", "Settings",
                "Supervision",
                argumentParser, hummingbird, lifecycle, logging, unixSignals,
            ]),
        .executableTarget(
            name: "steelyardctl",
            dependencies: [
                "BinCore", "Console", "HTTPDoor", "Program", "Records", "Settings", argumentParser,
                httpTypes,
            ]),
        .executableTarget(
            name: "steelyard-hub",
            dependencies: [
                "BinCore", "Console", "HTTPDoor", "HubAPI", "HubCore", "HubStore", "Program",
                "Records",
                "Supervision", argumentParser, hummingbird, lifecycle, logging, unixSignals,
            ]),
        .executableTarget(
            name: "steelyard-sim",
            dependencies: [
                "BinCore", "Console", "HTTPDoor", "Program", "Records", "Settings", "Simulation",
                argumentParser, httpTypes, hummingbird, logging,
            ]),

        .executableTarget(
            name: "steelyard-bench",
            dependencies: [
                "BinCore", "BinHardware", "BinJournal", "CBareLimits", "CGPIO", "Console",
                "Measuring", "Program", "Records", "Simulation", argumentParser, logging,
            ]),

        .testTarget(name: "BinCoreTests", dependencies: ["BinCore", "Records"]),
        .testTarget(
            name: "RecordsTests", dependencies: ["BinCore", "Records"],
            exclude: ["Vectors"]),
        .testTarget(name: "SettingsTests", dependencies: ["BinCore", "Settings"]),
        .testTarget(name: "ConsoleTests", dependencies: ["Console"]),
        .testTarget(
            name: "HTTPDoorTests",
            dependencies: [
                "BinCore", "HTTPDoor", "Records", httpTypes, hummingbird, hummingbirdTesting,
                lifecycle, logging, nioCore,
            ]),
        .testTarget(
            name: "BinHardwareTests",
            dependencies: [
                "BinCore", "BinHardware", "CHX711", "Settings", "Simulation", lifecycle, logging,
            ],
            exclude: ["Vectors"]),
        .testTarget(
            name: "BinJournalTests", dependencies: ["BinCore", "BinJournal", "Records", grdb]),
        .testTarget(
            name: "BinRuntimeTests",
            dependencies: ["BinCore", "BinRuntime", "Records", lifecycle, logging]),
        .testTarget(
            name: "BinSyncTests",
            dependencies: [
                "BinCore", "BinSync", "HTTPDoor", "Records", httpTypes, hummingbird, lifecycle,
                logging,
            ]),
        .testTarget(
            name: "BinControlTests",
            dependencies: [
                "BinControl", "BinCore", "HTTPDoor", "Records", httpTypes, hummingbird,
                hummingbirdTesting, nioCore,
            ]),
        .testTarget(
            name: "BinDisplayTests",
            dependencies: [
                "BinCore", "BinDisplay", "HTTPDoor", "Records", httpClient, httpTypes, hummingbird,
                hummingbirdTesting, lifecycle, logging, nioCore, nioHTTP1, nioPosix,
            ]),
        // A bin that writes true records, for the tests of the hub.
        .target(name: "HubKit", dependencies: ["BinCore", "Records"], path: "Tests/HubKit"),
        .testTarget(
            name: "HubCoreTests", dependencies: ["BinCore", "HubCore", "HubKit", "Records"]),
        .testTarget(
            name: "HubStoreTests",
            dependencies: ["BinCore", "HubCore", "HubKit", "HubStore", "Records", grdb]),
        .testTarget(
            name: "HubAPITests",
            dependencies: [
                "BinCore", "HTTPDoor", "HubAPI", "HubCore", "HubKit", "HubStore", "Records",
                httpTypes, hummingbird, hummingbirdTesting, nioCore,
            ]),
        .testTarget(name: "MeasuringTests", dependencies: ["Console", "Measuring", "Records"]),
        // A file system that loses what wasn't synced, and a bin on it: for tests of power cuts.
        .target(
            name: "CCrashDisk", path: "Tests/CCrashDisk",
            linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(
            name: "CrashKit",
            dependencies: [
                "BinCore", "BinJournal", "BinRuntime", "CCrashDisk", "Records", logging,
            ],
            path: "Tests/CrashKit"),
        .executableTarget(
            name: "power-cuts", dependencies: ["CrashKit", argumentParser],
            path: "Tests/PowerCuts"),
        .testTarget(
            name: "CrashTests",
            dependencies: ["CrashKit", grdb]),
        // A year of a bin and its hub in virtual time, against the simulator's own truth.
        .target(
            name: "YearKit",
            dependencies: [
                "BinCore", "BinJournal", "BinRuntime", "CrashKit", "HubCore", "HubStore", "Records",
                logging,
            ],
            path: "Tests/YearKit"),
        .executableTarget(
            name: "simulated-year", dependencies: ["YearKit", argumentParser],
            path: "Tests/SimulatedYear"),
        .testTarget(name: "YearTests", dependencies: ["YearKit"]),
        .testTarget(
            name: "RigTests",
            dependencies: ["BinCore", "BinHardware", "CGPIO", "Simulation", lifecycle, logging]),
        .testTarget(name: "SimulationTests", dependencies: ["BinCore", "Records", "Simulation"]),
        .testTarget(
            name: "SupervisionTests", dependencies: ["Supervision", lifecycle, logging]),
        .testTarget(name: "TidyTests"),
        .testTarget(name: "SystemTests", dependencies: ["BinCore", "Records"]),
    ]
)

// Tests play days and years in virtual time: what they spend theirs in is optimised even in debug
// builds.
let busy = [
    "BinCore", "Records", "Simulation", "CrashKit", "YearKit", "BinHardwareTests", "TidyTests",
]

let inC = [
    "CBareLimits", "CClock", "CCrashDisk", "CGPIO", "CHX711", "CModbus", "CZlib",
]
for target in package.targets where ![.plugin, .system, .binary].contains(target.type) {
    if !inC.contains(target.name) {
        target.swiftSettings = (target.swiftSettings ?? []) + strict
    }
    if busy.contains(target.name) {
        target.swiftSettings?.append(.unsafeFlags(["-O"], .when(configuration: .debug)))
    }
}
