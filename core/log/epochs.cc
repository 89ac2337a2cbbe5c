#include "core/log/epochs.h"

#include <algorithm>

#include "core/log/checkpoint.h"

namespace trialog::log {

std::string Epochs::text() const {
  std::string text = "0\n" + std::to_string(entries_.size()) + "\n";
  for (const auto& entry : entries_) {
    text += std::to_string(entry.epoch.value) + " " + std::to_string(entry.start.value) + "\n";
  }
  return text;
}

std::expected<Epochs, std::string> Epochs::parse(std::string_view text) {
  auto lines = checkpoint_lines(text);
  if (!lines) return std::unexpected(lines.error());
  Epochs epochs;
  for (const auto line : *lines) {
    const auto space = line.find(' ');
    const auto epoch = parse_number(line.substr(0, space));
    const auto start =
        space == std::string_view::npos ? std::nullopt : parse_number(line.substr(space + 1));
    if (!epoch || !start || *epoch > INT32_MAX) {
      return std::unexpected("'" + std::string(line) + "' is not an epoch and an offset");
    }
    const Entry entry(Epoch(static_cast<std::int32_t>(*epoch)), Offset(*start));
    if (!epochs.entries_.empty() && (entry.epoch <= epochs.entries_.back().epoch ||
                                     entry.start <= epochs.entries_.back().start)) {
      return std::unexpected("'" + std::string(line) + "' does not ascend");
    }
    epochs.entries_.push_back(entry);
  }
  return epochs;
}

bool Epochs::begin(Epoch epoch, Offset start) {
  if (epoch.value < 0 || epoch <= latest()) return false;
  cut_end(start);
  entries_.emplace_back(epoch, start);
  return true;
}

bool Epochs::restore(Epoch epoch, Offset offset) {
  if (epoch.value < 0 || at(offset) == epoch) return false;
  const auto next =
      std::lower_bound(entries_.begin(), entries_.end(), epoch,
                       [](const Entry& entry, Epoch wanted) { return entry.epoch < wanted; });
  if (next != entries_.begin() && (next - 1)->start >= offset) return false;
  if (next != entries_.end() && next->epoch == epoch) {
    next->start = std::min(next->start, offset);
  } else if (next != entries_.end() && next->start <= offset) {
    return false;
  } else {
    entries_.insert(next, Entry(epoch, offset));
  }
  return true;
}

bool Epochs::cut_end(Offset end) {
  return std::erase_if(entries_, [end](const Entry& entry) { return entry.start >= end; }) > 0;
}

bool Epochs::cut_start(Offset start) {
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), start,
                       [](Offset wanted, const Entry& entry) { return wanted < entry.start; });
  if (after == entries_.begin() || (after - 1)->start == start) {
    const bool changes = after != entries_.begin() && after - 1 != entries_.begin();
    if (changes) entries_.erase(entries_.begin(), after - 1);
    return changes;
  }
  (after - 1)->start = start;
  entries_.erase(entries_.begin(), after - 1);
  return true;
}

Epoch Epochs::at(Offset offset) const {
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), offset,
                       [](Offset wanted, const Entry& entry) { return wanted < entry.start; });
  return after == entries_.begin() ? no_epoch : (after - 1)->epoch;
}

EpochEnd Epochs::end_of(Epoch epoch, Offset log_end) const {
  const EpochEnd unknown(no_epoch, Offset(-1));
  if (epoch.value < 0 || entries_.empty()) return unknown;
  if (epoch == latest()) return EpochEnd(epoch, log_end);
  const auto higher =
      std::upper_bound(entries_.begin(), entries_.end(), epoch,
                       [](Epoch wanted, const Entry& entry) { return wanted < entry.epoch; });
  if (higher == entries_.end()) return unknown;
  if (higher == entries_.begin()) return EpochEnd(epoch, higher->start);
  return EpochEnd((higher - 1)->epoch, higher->start);
}

}  // namespace trialog::log
