import BinCore
import Testing

func at(_ ms: Int64) -> BootInstant { BootInstant(milliseconds: ms) }

@Suite struct DebounceTests {
    /// A switch that was read as closed and has settled at 50 ms.
    private func closed() -> Debounce {
        var debounce = Debounce(stableMs: 50)
        #expect(debounce.read(false, at: at(0)) == nil)
        #expect(debounce.deadline == at(50))
        #expect(debounce.read(false, at: at(50)) == .init(isActive: false, since: at(0)))
        #expect(debounce.deadline == nil)
        return debounce
    }

    @Test func aLevelCountsOnceItHasLasted() {
        var debounce = self.closed()
        #expect(debounce.edge(true, at: at(100)) == nil)
        #expect(debounce.deadline == at(150))
        #expect(debounce.read(true, at: at(149)) == nil)
        #expect(debounce.isActive == false)
        #expect(debounce.read(true, at: at(150)) == .init(isActive: true, since: at(100)))
        #expect(debounce.isActive == true)
    }

    @Test func bouncesCountFromTheLastOneOn() {
        var debounce = self.closed()
        for ms in stride(from: Int64(100), through: 140, by: 10) {
            #expect(debounce.edge(ms % 20 == 0, at: at(ms)) == nil)
        }
        #expect(debounce.deadline == at(190))
        #expect(debounce.read(true, at: at(190)) == .init(isActive: true, since: at(140)))
    }

    @Test func aShortTouchIsNoChange() {
        var debounce = self.closed()
        #expect(debounce.edge(true, at: at(100)) == nil)
        #expect(debounce.edge(false, at: at(110)) == nil)
        #expect(debounce.read(false, at: at(160)) == nil)
        #expect(debounce.deadline == nil)
        #expect(debounce.isActive == false)
    }

    @Test func aMissedEdgeCannotLeaveItStuck() {
        var debounce = self.closed()
        // Opened and closed again, and the second edge was lost.
        #expect(debounce.edge(true, at: at(100)) == nil)
        #expect(debounce.read(false, at: at(150)) == nil)
        #expect(debounce.isActive == false)
        #expect(debounce.deadline == nil)
        // The other way round: all edges but the first were lost, and the line is open.
        #expect(debounce.edge(true, at: at(200)) == nil)
        #expect(debounce.edge(false, at: at(210)) == nil)
        #expect(debounce.read(true, at: at(260)) == nil)
        #expect(debounce.deadline == at(310))
        #expect(debounce.read(true, at: at(310)) == .init(isActive: true, since: at(260)))
    }

    @Test func edgesThatAreToldLateAreJudgedByTheirOwnTimes() {
        var debounce = self.closed()
        #expect(debounce.edge(true, at: at(100)) == nil)
        #expect(debounce.edge(false, at: at(180)) == .init(isActive: true, since: at(100)))
        #expect(debounce.read(false, at: at(230)) == .init(isActive: false, since: at(180)))
    }

    @Test func aFlutteringLineKeepsItsLastLevel() {
        var debounce = self.closed()
        for ms in Int64(100)..<10_000 { #expect(debounce.edge(ms % 2 == 0, at: at(ms)) == nil) }
        #expect(debounce.isActive == false)
        #expect(debounce.deadline == at(10_049))
    }

    @Test func aLostLineIsUnknownUntilItIsReadAgain() {
        var debounce = self.closed()
        debounce.reset()
        #expect(debounce.isActive == nil)
        #expect(debounce.read(false, at: at(500)) == nil)
        #expect(debounce.read(false, at: at(550)) == .init(isActive: false, since: at(500)))
    }
}
