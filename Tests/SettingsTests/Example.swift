/// The example of CONTRACT §7, word for word but for the trusted key, whose placeholder stands for
/// the base64 of 32 bytes.
enum Example {
    static let key = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="

    static let contract = """
        device: { id: baiyun-017, community: baiyun }
        storage: { directory: /var/lib/steelyard, retain-days: 400 }
        trust: [ "\(key)" ]     # whose bulletins and acknowledgements count; `steelyard-hub key` prints it
        buses:
          rs485: { port: /dev/steelyard/rs485, baud: 19200, parity: even, stop-bits: 1, timeout-ms: 200 }
        scales:
          pet:
            driver: modbus
            bus: rs485
            address: 1
            capacity: 30000        # g
            division: 5            # g, the scale interval e = d
            minimum: 20            # g
            registers:             # or `profile: NAME` of a transmitter that Steelyard knows
              # wire addresses, counted from 0. types: int16 uint16 int32 uint32 float32 magnitude32 (sign in a status bit); order: big | little (words)
              weight: { function: holding, address: 0, type: int32, order: big, scale: 1/1 }          # raw × scale = gram
              status: { function: holding, address: 2, stable: 0, overload: 1, error: 2, negative: 3 } # bit numbers, `!5` = true when 0; each optional
          film: { driver: hx711, chip: gpiochip0, clock: 5, data: 6, gain: 128, rate: 10, capacity: 30000, division: 10 }
        compartments:
          pet:  { material: pet-bottle, scale: pet,  lock: { chip: gpiochip0, line: 17 }, counter: { chip: gpiochip0, line: 16 } }
          film: { material: pe-film,    scale: film }
        readers:
          front: { driver: wiegand, chip: gpiochip0, d0: 23, d1: 24, formats: [w26, w34] }
          side:
            driver: modbus
            bus: rs485
            address: 9
            # presence: level (uid is 0 without a card) | counter (a register that changes with every card) | latched (a register that is written to 0 once read)
            registers: { presence: counter, counter: { function: holding, address: 0 }, uid: { function: holding, address: 1, count: 4 } }
        feedback: { green: { chip: gpiochip0, line: 27 }, red: { chip: gpiochip0, line: 22 }, buzzer: { chip: gpiochip0, line: 18 } }
        session: { idle-seconds: 30 }
        uplink: { url: https://hub.example:8443, ca: hub-ca.pem, every-seconds: 60 }      # http://127.0.0.1:… with `token-file: PATH` on loopback only
        pull:   { listen: 0.0.0.0:8443, allow: [hub] }
        kiosk:  { listen: 127.0.0.1:8080, languages: [zh, en] }                             # the resident's page is `GET /` here

        """

    /// The smallest configuration: what is left out has a default.
    static let smallest = """
        device: { id: bin-1, community: baiyun }
        storage: { directory: /var/lib/steelyard }
        buses: { rs485: { port: /dev/steelyard/rs485 } }
        scales:
          pet:
            driver: modbus
            bus: rs485
            address: 1
            capacity: 30000
            division: 5
            registers:
              weight: { function: holding, address: 0, type: int32, order: big, scale: 1/1 }
        compartments: { pet: { material: pet-bottle, scale: pet } }

        """
}
