#include "sim/replay.h"

#include <fmt/format.h>

#include <deque>
#include <istream>

namespace trialog::sim {
namespace {

constexpr std::size_t shown_before = 10;

}  // namespace

std::string line_of(const Happened& event) {
  const auto ns = event.at.time_since_epoch().count();
  auto line = fmt::format("{} {}.{:09} node {} {} {:016x}", event.number, ns / 1'000'000'000,
                          ns % 1'000'000'000, event.node, event.kind, event.digest);
  if (event.detail.empty()) return line;
  line += ' ';
  for (const char c : event.detail) line += c == '\n' ? ' ' : c;
  return line;
}

void FileRecorder::on_event(const Happened& event) {
  const auto line = line_of(event) + "\n";
  std::fwrite(line.data(), 1, line.size(), file_);
}

std::string MemoryRecorder::text() const {
  std::string text;
  for (const auto& line : lines_) text += line + "\n";
  return text;
}

std::string Divergence::text() const {
  std::string text;
  for (const auto& line : before) text += "  both:  " + line + "\n";
  text += "  left:  " + (left.empty() ? "(ended)" : left) + "\n";
  text += "  right: " + (right.empty() ? "(ended)" : right) + "\n";
  return text;
}

std::optional<Divergence> first_divergence(std::istream& left, std::istream& right) {
  std::deque<std::string> before;
  for (std::uint64_t number = 1;; ++number) {
    std::string ours, theirs;
    const bool more = static_cast<bool>(std::getline(left, ours));
    const bool more_there = static_cast<bool>(std::getline(right, theirs));
    if (!more && !more_there) return std::nullopt;
    if (more != more_there || ours != theirs) {
      return Divergence{number, ours, theirs, {before.begin(), before.end()}};
    }
    before.push_back(std::move(ours));
    if (before.size() > shown_before) before.pop_front();
  }
}

}  // namespace trialog::sim
