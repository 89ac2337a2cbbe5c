#include "sim/decision.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace trialog::sim {
namespace {

struct ActName {
  Act act;
  std::string_view name;
};
constexpr ActName act_names[] = {
    {Act::crash, "crash"},
    {Act::stop, "stop"},
    {Act::restart, "restart"},
    {Act::pause, "pause"},
    {Act::resume, "resume"},
    {Act::slow, "slow"},
    {Act::wipe, "wipe"},
    {Act::cut, "cut"},
    {Act::heal, "heal"},
    {Act::reset, "reset"},
    {Act::half_open, "half_open"},
    {Act::delay, "delay"},
    {Act::latency, "latency"},
    {Act::refuse, "refuse"},
    {Act::hang, "hang"},
    {Act::flip, "flip"},
    {Act::arm, "arm"},
    {Act::stall, "stall"},
    {Act::throttle, "throttle"},
    {Act::capacity, "capacity"},
    {Act::read_only, "read_only"},
    {Act::rot, "rot"},
    {Act::jump, "jump"},
    {Act::drift, "drift"},
};

constexpr std::int64_t second = 1'000'000'000;

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Family> family_named(std::string_view name) {
  for (std::size_t i = 0; i < family_count; ++i) {
    if (family_names[i] == name) return static_cast<Family>(i);
  }
  return std::nullopt;
}

std::string_view name_of(Act act) {
  for (const auto& entry : act_names) {
    if (entry.act == act) return entry.name;
  }
  return {};
}

std::optional<Act> act_named(std::string_view name) {
  for (const auto& entry : act_names) {
    if (entry.name == name) return entry.act;
  }
  return std::nullopt;
}

std::string Decision::text() const {
  const auto ns = at.time_since_epoch().count();
  return fmt::format("{}.{:09} {} {} {} {}", ns / second, ns % second, name_of(act), machine,
                     peer.empty() ? "-" : peer, amount);
}

std::optional<Decision> Decision::parse(std::string_view text) {
  const auto words = words_of(text);
  if (words.size() != 5) return std::nullopt;
  const auto dot = words[0].find('.');
  if (dot == std::string_view::npos || words[0].size() - dot != 10) return std::nullopt;
  const auto whole = number(words[0].substr(0, dot));
  const auto part = number(words[0].substr(dot + 1));
  const auto act = act_named(words[1]);
  const auto amount = number(words[4]);
  if (!whole || !part || !act || !amount) return std::nullopt;
  if (*whole < 0 || *whole > 9'000'000'000 || *part < 0) return std::nullopt;
  Decision decision;
  decision.at = Moment(Duration(*whole * second + *part));
  decision.act = *act;
  decision.machine = words[2];
  if (words[3] != "-") decision.peer = words[3];
  decision.amount = *amount;
  return decision;
}

}  // namespace trialog::sim
