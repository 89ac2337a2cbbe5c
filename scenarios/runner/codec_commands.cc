// `trialog decode` and `trialog encode`: messages as JSON and back.
#include <cstdio>
#include <functional>
#include <iostream>
#include <limits>

#include "core/base/bytes.h"
#include "core/protocol/text.h"
#include "scenarios/runner/commands.h"
#include "scenarios/runner/outcome.h"
#include "scenarios/runner/scenario.h"

namespace trialog::scenarios {
namespace {

/// Translates one message; an error's text tells people what was wrong.
using Translate = std::function<Result<std::string>(const std::string& message,
                                                    std::int16_t version, const std::string& text)>;

Result<std::string> decode(const std::string& message, std::int16_t version,
                           const std::string& hex) {
  auto bytes = from_hex(hex);
  if (bytes.empty() && !hex.empty()) {
    return failure(IoError::Kind::corrupt, "expected an even number of hexadecimal digits");
  }
  return protocol::to_json(message, version, Bytes(std::move(bytes)));
}

Result<std::string> encode(const std::string& message, std::int16_t version,
                           const std::string& json) {
  auto bytes = protocol::from_json(message, version, json);
  if (!bytes) return failure(bytes.error());
  return to_hex(bytes->view());
}

Result<std::string> translate(const Translate& one, const std::string& message,
                              const std::string& version, const std::string& text) {
  const auto number = parse_count(version);
  if (!number || *number < 0 || *number > std::numeric_limits<std::int16_t>::max()) {
    return failure(IoError::Kind::corrupt, "'" + version + "' is no version number");
  }
  return one(message, static_cast<std::int16_t>(*number), text);
}

/// The answer to one line: what was asked for, or why not. What we do not have is "unknown …".
std::string answer(const Translate& one, const std::string& line) {
  const auto first = line.find('\t');
  const auto second = first == std::string::npos ? first : line.find('\t', first + 1);
  if (second == std::string::npos) {
    return "error: expected MESSAGE, VERSION and the message, separated by tabs";
  }
  const auto result =
      translate(one, line.substr(0, first), line.substr(first + 1, second - first - 1),
                line.substr(second + 1));
  if (result) return *result;
  const bool unknown = result.error().kind() == IoError::Kind::not_found;
  return (unknown ? "" : "error: ") + result.error().what();
}

int translate_lines(const Translate& one) {
  for (std::string line; std::getline(std::cin, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::cout << answer(one, line) << '\n' << std::flush;
  }
  return 0;
}

int translate_command(const Translate& one, const std::string& message, const std::string& version,
                      const std::string& text) {
  if (message == "-") return translate_lines(one);
  const auto result = translate(one, message, version, text);
  if (!result) {
    std::cerr << "trialog: " << result.error().what() << '\n';
    return static_cast<int>(Verdict::usage);
  }
  std::cout << *result << '\n';
  return 0;
}

}  // namespace

int decode_command(const std::string& message, const std::string& version, const std::string& hex) {
  return translate_command(decode, message, version, hex);
}

int encode_command(const std::string& message, const std::string& version,
                   const std::string& json) {
  return translate_command(encode, message, version, json);
}

}  // namespace trialog::scenarios
