import BinCore
import Logging
import Records
import ServiceLifecycle
import Synchronization
import Testing

@testable import BinRuntime

func name(_ text: String) throws -> Name { try #require(Name(text)) }
func card(_ text: String) throws -> CardNumber { try #require(CardNumber(text)) }

/// Both clocks, turned by hand.
final class HandClock: MomentSource {
    private let time = Mutex<(up: Int64, at: Int64)>((1_000, 1_790_000_000_000))

    func now() -> BootInstant { BootInstant(milliseconds: self.time.withLock { $0.up }) }

    func moment() -> Moment {
        let (up, at) = self.time.withLock { $0 }
        return Moment(
            up: BootInstant(milliseconds: up), at: WallTime(millisecondsSince1970: at),
            clock: .synced)
    }

    func advance(byMs ms: Int64) { self.time.withLock { $0 = ($0.up + ms, $0.at + ms) } }

    func step(byMs ms: Int64) { self.time.withLock { $0.at += ms } }
}

/// A journal in memory that can be made to refuse, and tells in what order things happened.
final class TellingJournal: JournalKeeping {
    struct State {
        var facts: [Fact] = []
        var refuses = false
        var shortage: FaultFact?
        /// How often the medium was tried.
        var probes = 0
        var rates = RateBook()
        var role = Role.resident
    }

    let state = Mutex(State())
    let story: Story

    init(story: Story) { self.story = story }

    var facts: [Fact] { self.state.withLock { $0.facts } }
    var nextSeq: RecordNumber { RecordNumber(self.state.withLock { $0.facts.count }) + 1 }
    var rates: RateBook { self.state.withLock { $0.rates } }
    var notices: Notices? { nil }

    func append(_ facts: [Fact], at moment: Moment) throws(JournalError) -> [Record] {
        let first = self.nextSeq
        let refuses = self.state.withLock { state in
            if !state.refuses { state.facts += facts }
            return state.refuses
        }
        if refuses { throw JournalError(.storage, "the medium is full") }
        for fact in facts { self.story.tell(.durable(fact)) }
        return facts.enumerated().map { index, fact in
            Record(
                header: RecordHeader(seq: first + RecordNumber(index), boot: 1, moment: moment),
                fact: fact)
        }
    }

    func role(of card: CardNumber) throws(JournalError) -> Role {
        self.state.withLock { $0.role }
    }

    var shortage: FaultFact? { self.state.withLock { $0.shortage } }

    func probe() throws(JournalError) {
        let refuses = self.state.withLock { state in
            state.probes += 1
            return state.refuses
        }
        if refuses { throw JournalError(.storage, "the medium is full") }
    }

    func credited(
        to card: CardNumber, onDayOf moment: Moment
    ) throws(JournalError) -> Grams { .zero }

    func adopt(_ bulletin: Bulletin, at moment: Moment) throws(JournalError) -> Adoption {
        self.state.withLock { state in
            if case .tariff(let prices, _) = bulletin.body {
                state.rates.tariffs = [
                    Tariff(version: bulletin.version, effective: .epoch, prices: prices)
                ]
            }
        }
        return .adopted
    }
}

/// What was durable and what was shown, in the order in which it happened.
final class Story: Sendable {
    enum Event: Equatable, Sendable {
        case durable(Fact)
        case shown(BinView)
        case told(through: RecordNumber)
    }

    private let told = Mutex<[Event]>([])
    let events: AsyncStream<Event>
    private let bell: AsyncStream<Event>.Continuation

    init() { (self.events, self.bell) = AsyncStream.makeStream(of: Event.self) }

    func tell(_ event: Event) {
        self.told.withLock { $0.append(event) }
        self.bell.yield(event)
    }

    var all: [Event] { self.told.withLock { $0 } }

    /// The first place of an event that fits.
    func index(where fits: (Event) -> Bool) -> Int? { self.all.firstIndex(where: fits) }
}

struct StoryScreen: ViewShowing {
    let story: Story

    func show(_ view: BinView) { self.story.tell(.shown(view)) }
}

struct StoryWatcher: RecordWatching {
    let story: Story

    func recorded(through seq: RecordNumber) { self.story.tell(.told(through: seq)) }
}

/// A bin with one compartment, driven event by event.
struct BinBench: Sendable {
    let story = Story()
    let clock = HandClock()
    let journal: TellingJournal
    let start: BinStart
    let bin: BinService
    let scale: Name
    let reader: Name

    /// - Parameters:
    ///   - driver: What the scale is on; by default a transmitter.
    ///   - minimum: The scale's smallest load, grams.
    init(
        idleSeconds: Int = 30, driver: ScaleSettings.Driver? = nil, minimum: Int64 = 20,
        memory: BinMemory = BinMemory(),
        boot: BootFact = BootFact(version: "0", config: "c", reason: .power)
    ) throws {
        self.scale = try name("pet")
        self.reader = try name("front")
        self.journal = TellingJournal(story: self.story)
        let limits = ScaleLimits(
            capacity: Grams(30_000), division: Grams(5), minimum: Grams(minimum))
        let device = try #require(DeviceID("bin-1"))
        var settings = BinSettings(
            device: device, community: try name("baiyun"),
            storage: StorageSettings(directory: "unused"))
        let ratio = try #require(Ratio(1, 1))
        settings.scales[self.scale] = ScaleSettings(
            name: self.scale,
            driver: driver
                ?? .modbus(
                    ModbusScaleSettings(
                        bus: self.scale, address: 1,
                        registers: ScaleRegisters(
                            weight: ScaleRegisters.Weight(
                                table: .holding, address: 0, coding: .int32, order: .big,
                                scale: ratio), status: nil))),
            limits: limits)
        settings.compartments[self.scale] = CompartmentSettings(
            name: self.scale, material: try name("pet-bottle"), scale: self.scale)
        settings.session.idleSeconds = idleSeconds
        self.start = BinStart(
            settings: settings, memory: memory, boot: boot, lastRecorded: nil)
        self.bin = BinService(
            start: self.start, journal: self.journal, clock: self.clock,
            display: StoryScreen(story: self.story), watchers: [], logger: Self.logger)
    }

    private static var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    /// The bin's loop without its service, for what is between two turns.
    func loop(
        from start: BinStart? = nil, traces: (any TraceKeeping)? = nil,
        publish: @escaping @Sendable (BinNews) -> Void = { _ in }
    ) -> BinLoop {
        let story = self.story
        return BinLoop(
            start: start ?? self.start, journal: self.journal, clock: self.clock,
            publish: { news in
                story.tell(.shown(news.view))
                publish(news)
            }, watchers: [StoryWatcher(story: story)], traces: traces, logger: Self.logger)
    }

    /// A second and a half of readings.
    func weigh(_ grams: Int64, on loop: BinLoop) {
        for _ in 0..<8 {
            self.clock.advance(byMs: 200)
            loop.take(.hardware(.reading(scale: self.scale, self.reading(grams))))
        }
    }

    func reading(_ grams: Int64) -> Reading {
        Reading(
            mass: Grams(grams).milligrams, isStable: nil, condition: .normal, at: self.clock.now())
    }

    func tap(_ text: String = "uid:04A1B2C3", on loop: BinLoop) throws {
        let card = try card(text)
        loop.take(
            .hardware(.presented(reader: self.reader, card: card, at: self.clock.now())))
    }

    /// A card comes to a bin whose scale is at rest.
    func openOrder(on loop: BinLoop) throws {
        self.weigh(0, on: loop)
        try self.tap(on: loop)
    }

    /// Makes the medium refuse, or take, what comes.
    func setRefusing(_ refuses: Bool) { self.journal.state.withLock { $0.refuses = refuses } }
}
