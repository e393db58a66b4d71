import BinCore
import Testing

@testable import BinHardware

@Suite struct InputGroupTests {
    @Test func noInputTakesAnotherDownAndDistanceSensorsTakeTurns() throws {
        var settings = try OutputFixtures.settings()
        #expect(!settings.hasInputs)
        let (pet, film) = try (OutputFixtures.name("pet"), OutputFixtures.name("film"))
        func input(_ line: Int, _ bias: InputSettings.Bias, chip: String = "c") -> InputSettings {
            InputSettings(line: LineSettings(chip: chip, line: line), bias: bias, debounceMs: 50)
        }
        settings.compartments[pet]?.counter = CounterSettings(input: input(10, .none))
        settings.compartments[pet]?.lid = ContactSettings(input: input(11, .pullUp))
        settings.compartments[pet]?.fill = .ultrasonic(
            UltrasonicSettings(
                trigger: LineSettings(chip: "c", line: 12), echo: LineSettings(chip: "c", line: 13),
                fullMm: 150, clearMm: 200))
        settings.compartments[film]?.fill = .ultrasonic(
            UltrasonicSettings(
                trigger: LineSettings(chip: "c", line: 16), echo: LineSettings(chip: "c", line: 17),
                fullMm: 150, clearMm: 200))
        settings.compartments[film]?.lid = ContactSettings(input: input(14, .pullUp))
        settings.doors[try OutputFixtures.name("service")] = ContactSettings(
            input: input(15, .pullUp, chip: "d"))
        let groups = settings.inputs
        #expect(groups.map(\.chip) == ["c", "c", "c", "c", "d"])
        #expect(groups.map(\.bias) == [.pullUp, .none, .none, .pullUp, .pullUp])
        #expect(groups.map(\.lines) == [[14], [17, 13], [10], [11], [15]])
        #expect(groups.map(\.triggers) == [[], [16, 12], [], [], []])
        #expect(
            groups.map { $0.parts.map(\.source) } == [
                ["lid film"], ["fill film", "fill pet"], ["counter pet"], ["lid pet"],
                ["door service"],
            ])
        let plan = groups[1].plan
        #expect(plan.setup == InputSetup(edges: .both, bias: .asIs))
        #expect(plan.outputs == [16, 12])
    }
}
