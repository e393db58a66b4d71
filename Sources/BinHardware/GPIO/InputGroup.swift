package import BinCore

/// The slow inputs that one thread watches, requested together.
///
/// Each has a group of its own, so that a line that can't be had takes no other part down. The
/// distance sensors of a chip share one: they must not measure at the same time.
struct InputGroup: Sendable {
    var chip: String
    var bias: InputSettings.Bias
    /// In the order of `parts`.
    var lines: [Int] = []
    var parts: [InputMachine.Part] = []
    var triggers: [Int] = []

    var plan: LinePlan {
        let bias: InputSetup.Bias =
            switch self.bias {
            case .none: .asIs
            case .pullUp: .pullUp
            case .pullDown: .pullDown
            }
        return LinePlan(
            chip: self.chip, inputs: self.lines, setup: InputSetup(edges: .both, bias: bias),
            outputs: self.triggers)
    }
}

extension BinSettings {
    /// Whether anything hangs on slow inputs.
    package var hasInputs: Bool { !self.inputs.isEmpty }

    var inputs: [InputGroup] {
        var groups: [InputGroup] = []
        func add(_ input: InputSettings, _ source: String, _ kind: InputMachine.Kind) {
            let part = InputMachine.Part(
                source: source, isActiveLow: input.line.active == .low, kind: kind)
            groups.append(
                InputGroup(
                    chip: input.line.chip, bias: input.bias, lines: [input.line.line],
                    parts: [part]))
        }
        func sensors(of chip: String) -> Int {
            if let known = groups.firstIndex(where: { $0.chip == chip && !$0.triggers.isEmpty }) {
                return known
            }
            groups.append(InputGroup(chip: chip, bias: .none))
            return groups.count - 1
        }
        for compartment in self.compartments.values.sorted(by: { $0.name < $1.name }) {
            let name = compartment.name
            if let counter = compartment.counter {
                add(counter.input, "counter \(name)", .counter(name, PieceCounter(counter)))
            }
            if let lid = compartment.lid {
                add(
                    lid.input, "lid \(name)",
                    .contact(.lid(compartment: name), Debounce(lid.input)))
            }
            switch compartment.fill {
            case nil: break
            case .level(let input):
                add(input, "fill \(name)", .level(name, Debounce(input)))
            case .ultrasonic(let settings):
                let place = sensors(of: settings.trigger.chip)
                let trigger = groups[place].triggers.count
                groups[place].triggers.append(settings.trigger.line)
                groups[place].lines.append(settings.echo.line)
                groups[place].parts.append(
                    InputMachine.Part(
                        source: "fill \(name)", isActiveLow: false,
                        kind: .distance(name, UltrasonicSensor(settings), trigger: trigger)))
            }
        }
        for (name, door) in self.doors.sorted(by: { $0.key < $1.key }) {
            add(door.input, "door \(name)", .contact(.door(name), Debounce(door.input)))
        }
        return groups
    }
}

extension Debounce {
    fileprivate init(_ input: InputSettings) { self.init(stableMs: Int64(input.debounceMs)) }
}
