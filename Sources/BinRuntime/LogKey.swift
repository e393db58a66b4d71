/// The keys of log metadata, dotted and with their unit.
enum LogKey {
    static let card = "card.masked"
    static let code = "fault.code"
    static let compartment = "compartment"
    static let massGrams = "deposit.mass-grams"
    static let part = "part"
    static let problem = "problem"
    static let seq = "record.seq"
    static let valueMicroYuan = "deposit.value-micro-yuan"
}
