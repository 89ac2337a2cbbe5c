#include "scenarios/runner/checks/delivery.h"

#include <algorithm>
#include <set>

namespace trialog::scenarios {
namespace {

std::string at(const TopicPartition& partition, Offset offset) {
  return partition.text() + " offset " + std::to_string(offset.value);
}

/// The history, arranged for the checks.
class Judge {
 public:
  Judge(const History& history, const Promises& promises) : history_(history), promises_(promises) {
    for (const auto& send : history.sends) sent_[send.value] = &send;
    for (const auto& read : history.reads) {
      seen_[read.from][read.offset].insert(read.value);
      if (!read.final) continue;
      log_[read.from][read.offset] = read.value;
      times_[read.from][read.offset] = read.timestamp;
    }
    for (const auto& [partition, log] : log_) {
      for (const auto& [offset, value] : log) places_[value].emplace_back(partition, offset);
    }
  }

  Violations all() {
    lost_write();
    duplicate();
    inconsistent_offsets();
    phantom();
    aborted_read();
    nonmonotonic_send();
    polls();
    offset_mismatch();
    lookups();
    for (const auto& error : history_.read_errors) report("read-error", error);
    return std::move(found_);
  }

 private:
  void report(const char* anomaly, std::string detail) {
    found_.push_back({anomaly, std::move(detail)});
  }

  /// Whether an acknowledgement of `send` promises that the record stays.
  bool kept(const Send& send) const {
    if (promises_.excused.contains(send.to)) return false;
    return send.acks == -1 || (send.acks != 0 && promises_.leader_alone_keeps);
  }

  void lost_write() {
    for (const auto& send : history_.sends) {
      if (send.outcome != Outcome::acknowledged || !kept(send)) continue;
      if (places_.contains(send.value)) continue;
      const auto where = send.offset ? at(send.to, *send.offset) : send.to.text();
      report("lost-write", "value " + std::to_string(send.value) + " was acknowledged at " + where +
                               " and is not in the log at the end");
    }
  }

  void duplicate() {
    for (const auto& [value, places] : places_) {
      const auto send = sent_.find(value);
      if (places.size() < 2 || send == sent_.end() || !send->second->idempotent) continue;
      report("duplicate", "value " + std::to_string(value) + " stands at " +
                              at(places[0].first, places[0].second) + " and at " +
                              at(places[1].first, places[1].second));
    }
  }

  void inconsistent_offsets() {
    for (const auto& [partition, offsets] : seen_) {
      // What was shown may be lost and its offset used anew.
      if (promises_.excused.contains(partition)) continue;
      for (const auto& [offset, values] : offsets) {
        if (values.size() < 2) continue;
        report("inconsistent-offsets", at(partition, offset) + " was read as value " +
                                           std::to_string(*values.begin()) + " and as value " +
                                           std::to_string(*values.rbegin()));
      }
    }
  }

  void phantom() {
    for (const auto& [partition, offsets] : seen_) {
      for (const auto& [offset, values] : offsets) {
        for (const auto value : values) {
          const auto send = sent_.find(value);
          if (send != sent_.end() && send->second->to == partition) continue;
          report("phantom",
                 at(partition, offset) + (value == 0 ? " holds a damaged payload"
                                                     : " holds value " + std::to_string(value) +
                                                           ", which nobody sent there"));
        }
      }
    }
  }

  void aborted_read() {
    for (const auto& [value, places] : places_) {
      const auto send = sent_.find(value);
      if (send == sent_.end() || send->second->outcome != Outcome::failed) continue;
      report("aborted-read",
             "value " + std::to_string(value) + " stands at " +
                 at(places[0].first, places[0].second) +
                 " though its producer was told that it failed: " + send->second->problem);
    }
  }

  /// Values of one idempotent producer lie in a partition in the order in which it sent them.
  void nonmonotonic_send() {
    for (const auto& [partition, log] : log_) {
      if (promises_.excused.contains(partition)) continue;
      std::map<int, Value> last;
      for (const auto& [offset, value] : log) {
        const auto send = sent_.find(value);
        if (send == sent_.end() || !send->second->idempotent) continue;
        auto& previous = last[send->second->producer];
        if (value < previous) {
          report("nonmonotonic-send", at(partition, offset) + " holds value " +
                                          std::to_string(value) + " behind value " +
                                          std::to_string(previous) + " of the same producer");
        }
        previous = std::max(previous, value);
      }
    }
  }

  /// Successive reads of a partition by one consumer neither go back nor leap over a record.
  void polls() {
    std::map<std::pair<int, TopicPartition>, Offset> last;
    for (const auto& read : history_.reads) {
      const auto key = std::pair(read.consumer, read.from);
      const auto before = last.find(key);
      if (before != last.end() && !read.first) poll(read, before->second);
      last.insert_or_assign(key, read.offset);
    }
  }

  void poll(const Read& read, Offset before) {
    if (promises_.excused.contains(read.from)) return;
    if (read.offset <= before) {
      return report("nonmonotonic-poll", at(read.from, read.offset) + " was polled after offset " +
                                             std::to_string(before.value));
    }
    const auto log = log_.find(read.from);
    if (log == log_.end()) return;
    const auto skipped = log->second.upper_bound(before);
    if (skipped == log->second.end() || skipped->first >= read.offset) return;
    report("poll-skip", at(read.from, skipped->first) + " was leapt over by a poll from " +
                            std::to_string(before.value) + " to " +
                            std::to_string(read.offset.value));
  }

  void offset_mismatch() {
    for (const auto& send : history_.sends) {
      if (send.outcome != Outcome::acknowledged || !send.offset || send.offset->value < 0) continue;
      if (!kept(send)) continue;
      const auto places = places_.find(send.value);
      if (places == places_.end()) continue;
      const auto told = std::pair(send.to, *send.offset);
      if (std::ranges::find(places->second, told) != places->second.end()) continue;
      report("offset-mismatch", "value " + std::to_string(send.value) + " was acknowledged at " +
                                    at(send.to, *send.offset) + " and stands at " +
                                    at(places->second[0].first, places->second[0].second));
    }
  }

  /// A lookup finds what a scan from the beginning finds.
  void lookups() {
    for (const auto& lookup : history_.lookups) {
      std::optional<Offset> expected;
      for (const auto& [offset, time] : times_[lookup.in]) {
        const bool reached =
            lookup.offset_asked ? offset >= *lookup.offset_asked : time >= *lookup.time_asked;
        if (!reached) continue;
        expected = offset;
        break;
      }
      if (expected == lookup.answer) continue;
      auto shown = [](const std::optional<Offset>& offset) {
        return offset ? "offset " + std::to_string(offset->value) : std::string("nothing");
      };
      const auto asked = lookup.offset_asked
                             ? "offset " + std::to_string(lookup.offset_asked->value)
                             : "time " + std::to_string(to_ms(*lookup.time_asked));
      report("index-lookup", lookup.in.text() + " from " + asked + " begins at " +
                                 shown(lookup.answer) + ", a scan finds " + shown(expected));
    }
  }

  const History& history_;
  const Promises& promises_;
  std::map<Value, const Send*> sent_;
  std::map<TopicPartition, std::map<Offset, std::set<Value>>> seen_;
  std::map<TopicPartition, std::map<Offset, Value>> log_;  // By the final read.
  std::map<TopicPartition, std::map<Offset, WallTime>> times_;
  std::map<Value, std::vector<std::pair<TopicPartition, Offset>>> places_;
  Violations found_;
};

}  // namespace

Violations check_delivery(const History& history, const Promises& promises) {
  return Judge(history, promises).all();
}

std::vector<std::string> delivery_properties() {
  return {"lost-write",   "duplicate",         "inconsistent-offsets",
          "phantom",      "aborted-read",      "nonmonotonic-send",
          "poll-skip",    "nonmonotonic-poll", "offset-mismatch",
          "index-lookup", "read-error"};
}

}  // namespace trialog::scenarios
