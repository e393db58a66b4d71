import BinCore
import CHX711

/// The wires of an HX711: real lines, or a simulated chip that the same C code clocks.
protocol HX711Access: ~Copyable {
    /// What `body` returns, a result of CHX711.
    ///
    /// - Throws: What a negative result means.
    borrowing func withWires(
        _ body: (UnsafePointer<chx711_wires>) -> Int32
    ) throws(LineError) -> Int32
    /// All falling edges of the data line that are there.
    borrowing func edges() throws(LineError) -> EdgeBatch
}

extension HX711Access where Self: ~Copyable {
    func isDataHigh() throws(LineError) -> Bool {
        try self.withWires { $0.pointee.get_data($0.pointee.context) } != 0
    }

    /// Powers the chip down and up.
    func reset() throws(LineError) { _ = try self.withWires { chx711_reset($0) } }

    /// CLOCK_MONOTONIC, or the virtual time of a simulation.
    func nowNs() throws(LineError) -> Int64 {
        var now: Int64 = 0
        _ = try self.withWires { wires in
            now = wires.pointee.now_ns(wires.pointee.context)
            return 0
        }
        return now
    }

    /// Clocks one conversion out.
    ///
    /// - Parameters:
    ///   - selection: Of the conversion after it.
    ///   - announcedNs: When the data line fell to say that it is ready, if that was seen.
    func read(
        _ selection: HX711Selection, timing: HX711Timing, announcedNs: Int64?
    ) throws(LineError) -> ConverterRead {
        var result = chx711_result()
        let code = try self.withWires { chx711_read($0, Int32(selection.pulses), &result) }
        switch Int(code) {
        case CHX711_OK: break
        case CHX711_NOT_READY: return .notReady
        case CHX711_SLOW: return .slowClock
        case CHX711_POWERED_DOWN: return .poweredDown
        case _: return .pulseCount
        }
        guard let word = HX711Word(result.word) else { return .pulseCount }
        guard let announcedNs else { return .unannounced }
        return result.end_ns - announcedNs > timing.longestReadNs ? .late : .word(word)
    }
}

extension HeldLines: HX711Access {
    func withWires(
        _ body: (UnsafePointer<chx711_wires>) -> Int32
    ) throws(LineError) -> Int32 {
        let result: Int32 = self.inputs.withRaw { data in
            switch self.outputs {
            case .some(let outputs):
                outputs.withRaw { clock in
                    var lines = chx711_lines(clock: clock, data: data)
                    return withUnsafeMutablePointer(to: &lines) { lines in
                        var wires = chx711_wires()
                        chx711_use_lines(&wires, lines)
                        return body(&wires)
                    }
                }
            // The converter's plan has an output; without one there is nothing to clock with.
            case .none: -1
            }
        }
        return try self.inputs.checked(result)
    }

    func edges() throws(LineError) -> EdgeBatch { try self.inputs.edges() }
}
