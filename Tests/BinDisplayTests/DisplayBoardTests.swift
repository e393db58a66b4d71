import BinCore
import BinDisplay
import Testing

@Suite struct DisplayBoardTests {
    @Test("A subscription begins with what is shown now")
    func beginsWithCurrent() async throws {
        let board = DisplayBoard(try Samples.view(.idle))
        let subscription = try board.subscribe()
        var displays = subscription.displays.makeAsyncIterator()
        #expect(await displays.next()?.view == (try Samples.view(.idle)))
    }

    @Test("A slow screen gets the newest view and none of those it missed")
    func slowScreen() async throws {
        let board = DisplayBoard(try Samples.view(.idle))
        let subscription = try board.subscribe()
        for phase in [BinView.Phase.greeting, .weighing, .collecting] {
            board.publish(try Samples.view(phase))
        }
        var displays = subscription.displays.makeAsyncIterator()
        #expect(await displays.next()?.view.phase == .collecting)
        subscription.end()
        #expect(await displays.next() == nil)
    }

    @Test("The same view again is no change")
    func sameView() throws {
        let board = DisplayBoard(try Samples.view(.idle))
        board.publish(try Samples.view(.greeting))
        let revision = board.current.revision
        board.publish(try Samples.view(.greeting))
        #expect(board.current.revision == revision)
    }

    @Test("There are 32 places, and one is free again when its screen goes")
    func places() throws {
        let board = DisplayBoard()
        var taken: [DisplaySubscription] = []
        for _ in 0..<DisplayBoard.mostSubscribers { taken.append(try board.subscribe()) }
        #expect(throws: DisplayBoard.Full.self) { try board.subscribe() }
        taken.last?.end()
        #expect(board.subscribers == DisplayBoard.mostSubscribers - 1)
        taken.append(try board.subscribe())
        taken.removeAll()
        #expect(board.subscribers == 0)
    }

    @Test("Each return to idle brings up the next notice, and the first follows the last")
    func notices() throws {
        let board = DisplayBoard(try Samples.view(.idle))
        board.post(try Samples.notices([(zh: "一", en: "one"), (zh: "二", en: "two")]))
        var seen = [board.current.notice?.en]
        for _ in 0..<2 {
            board.publish(try Samples.view(.greeting))
            board.publish(try Samples.view(.idle))
            seen.append(board.current.notice?.en)
        }
        #expect(seen == ["one", "two", "one"])
        board.post(nil)
        #expect(board.current.notice == nil)
    }

    @Test("Notices without a message show nothing")
    func noMessages() throws {
        let board = DisplayBoard(try Samples.view(.greeting))
        board.post(try Samples.notices([]))
        board.publish(try Samples.view(.idle))
        #expect(board.current.notice == nil)
    }
}
