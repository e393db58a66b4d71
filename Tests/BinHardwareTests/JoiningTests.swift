import BinCore
import Testing

@testable import BinHardware

@Suite struct JoiningTests {
    private let start = BootInstant(milliseconds: 1000)

    /// What a device that refuses in a way says to one poll, and what was asked.
    private func poll(
        _ joining: inout Joining, refusing cause: BusError.Cause?, at now: BootInstant
    ) throws(BusError) -> [String] {
        var asked: [String] = []
        _ = try joining.read(
            at: now,
            joined: { () throws(BusError) in
                asked.append("joined")
                if let cause { throw BusError(cause) }
            },
            apart: { () throws(BusError) in asked.append("apart") })
        return asked
    }

    @Test("A refusal costs no reading", arguments: [2, 3, 4])
    func refusals(code: Int) throws {
        var joining = Joining()
        let cause = BusError.Cause.exception(code)
        for _ in 0..<Joining.refusalsUntilApart {
            let asked = try self.poll(&joining, refusing: cause, at: self.start)
            #expect(asked == ["joined", "apart"])
        }
        let last = self.start.advanced(byMs: Joining.apartMs - 1)
        #expect(try self.poll(&joining, refusing: cause, at: last) == ["apart"])
        let again = self.start.advanced(byMs: Joining.apartMs)
        #expect(try self.poll(&joining, refusing: cause, at: again) == ["joined", "apart"])
        #expect(try self.poll(&joining, refusing: nil, at: again) == ["joined"])
    }

    /// Noise makes an exception out of a request now and then.
    @Test func oneRefusalInAWhileChangesNothing() throws {
        var joining = Joining()
        for _ in 0..<20 {
            let refused = try self.poll(&joining, refusing: .exception(2), at: self.start)
            #expect(refused == ["joined", "apart"])
            #expect(try self.poll(&joining, refusing: nil, at: self.start) == ["joined"])
        }
    }

    @Test func aRefusalBySilenceIsFoundOut() throws {
        var joining = Joining()
        for _ in 0..<Joining.silencesUntilApart {
            #expect(throws: BusError(.noReply)) {
                _ = try self.poll(&joining, refusing: .noReply, at: self.start)
            }
        }
        #expect(try self.poll(&joining, refusing: .noReply, at: self.start) == ["apart"])
        #expect(try self.poll(&joining, refusing: .noReply, at: self.start) == ["apart"])
    }

    @Test(
        "Other failures are no refusals",
        arguments: [.badFrame(.checksum), .lateReply, .exception(6), .portLost(5)]
            as [BusError.Cause])
    func failures(cause: BusError.Cause) throws {
        var joining = Joining()
        for _ in 0..<10 {
            #expect(throws: BusError(cause)) {
                _ = try self.poll(&joining, refusing: cause, at: self.start)
            }
        }
    }
}
