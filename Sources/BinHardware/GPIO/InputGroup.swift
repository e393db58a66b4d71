package import BinCore

/// The slow inputs that one thread watches: lines of one chip that are requested alike.
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
        func group(_ chip: String, _ bias: InputSettings.Bias) -> Int {
            if let known = groups.firstIndex(where: { $0.chip == chip && $0.bias == bias }) {
                return known
            }
            groups.append(InputGroup(chip: chip, bias: bias))
            return groups.count - 1
        }
        func add(_ input: InputSettings, _ source: String, _ kind: InputMachine.Kind) {
            let place = group(input.line.chip, input.bias)
            groups[place].lines.append(input.line.line)
            groups[place].parts.append(
                InputMachine.Part(
                    source: source, isActiveLow: input.line.active == .low, kind: kind))
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
                let place = group(settings.trigger.chip, .none)
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
