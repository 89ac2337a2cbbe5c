#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "tests/unit/log/log_story.h"

namespace trialog::log {
namespace {

/// One thing that happens to a log; `much` says how much of it.
struct Happening {
  enum Kind {
    appends,
    sends,
    resends,
    goes_on,
    commits,
    deletes,
    retains,
    crashes,
    is_killed,
    closes,
    follows,
    truncates,
    truncates_and_crashes,
    begins_anew,
    begins_epoch,
  };
  int kind;
  unsigned much;
};

void showValue(const Happening& happening, std::ostream& out) {
  static const char* const names[] = {"appends",
                                      "sends",
                                      "resends",
                                      "goes_on",
                                      "commits",
                                      "deletes",
                                      "retains",
                                      "crashes",
                                      "is_killed",
                                      "closes",
                                      "follows",
                                      "truncates",
                                      "truncates_and_crashes",
                                      "begins_anew",
                                      "begins_epoch"};
  out << names[happening.kind] << " " << happening.much;
}

rc::Gen<std::vector<Happening>> happenings() {
  const auto kind = rc::gen::weightedElement<int>({{8, 0},
                                                   {8, 1},
                                                   {4, 2},
                                                   {8, 3},
                                                   {5, 4},
                                                   {2, 5},
                                                   {2, 6},
                                                   {3, 7},
                                                   {2, 8},
                                                   {2, 9},
                                                   {6, 10},
                                                   {3, 11},
                                                   {2, 12},
                                                   {1, 13},
                                                   {2, 14}});
  return rc::gen::container<std::vector<Happening>>(rc::gen::apply(
      [](int k, unsigned much) { return Happening{k, much}; }, kind, rc::gen::inRange(0u, 1000u)));
}

/// The log beside a list of what it must hold.
class Model {
 public:
  explicit Model(std::uint64_t seed, std::optional<Bug> bug = std::nullopt) : story_(seed) {
    if (bug) story_.plant(*bug);
    auto& options = story_.options();
    options.segment_bytes = 700;
    options.index_interval_bytes = 150;
    options.retention_ms = -1;
    options.file_delete_delay_ms = 10;
    options.cache_bytes = static_cast<std::int64_t>(seed % 3) * 400;
    RC_ASSERT(story_.opens().has_value());
    story_.creates();
  }

  void meets(const Happening& happening) {
    const auto much = happening.much;
    switch (happening.kind) {
      case Happening::appends:
        return appends(much);
      case Happening::sends:
        return sends(much % 3);
      case Happening::resends:
        return resends(much % 3, (much / 3) % 5);
      case Happening::goes_on:
        return steps(much % 40);
      case Happening::commits:
        return commits();
      case Happening::deletes:
        return deletes(much);
      case Happening::retains:
        return retains();
      case Happening::crashes:
        return story_.crashes(), reopens(much);
      case Happening::is_killed:
        return story_.is_killed(), reopens(much);
      case Happening::follows:
        return follows(much);
      case Happening::truncates:
        return truncates(much);
      case Happening::truncates_and_crashes:
        return truncates_and_crashes(much);
      case Happening::begins_anew:
        return begins_anew(much);
      case Happening::begins_epoch:
        return story_.log().begin_epoch(Epoch(++epoch_));
      default:
        closes(much);
    }
  }

  /// What may be read is what was appended, and every batch of a producer is there once.
  void holds() {
    commits();
    const auto seen = story_.records(1 + story_.options().segment_bytes / 3);
    std::size_t at = 0;
    for (const auto& [offset, value] : records_) {
      if (offset < story_.log().start().value) continue;
      RC_ASSERT(at < seen.size());
      RC_ASSERT(seen[at].offset == offset);
      RC_ASSERT(seen[at].value == value);
      ++at;
    }
    RC_ASSERT(at == seen.size());
    for (const auto& [base, epoch] : epochs_) {
      if (base < story_.log().start().value) continue;
      RC_ASSERT(story_.log().epoch_at(Offset(base)) == Epoch(epoch));
    }
  }

 private:
  struct Sent {
    std::int32_t sequence;
    std::vector<std::string> values;
    std::int64_t base;
    bool may_be_forgotten = false;
  };

  void keep(std::int64_t base, const std::vector<std::string>& values) {
    epochs_[base] = epoch_;
    for (const auto& value : values) records_[base++] = value;
  }
  std::vector<std::string> some_values(unsigned much) {
    std::vector<std::string> values;
    for (unsigned i = 0; i <= much % 3; ++i) {
      values.push_back(std::to_string(++count_) + std::string(much % 120, 'x'));
    }
    return values;
  }

  void appends(unsigned much) {
    const auto values = some_values(much);
    const auto appended = story_.log().append_as_leader(batch_of(values), Epoch(epoch_));
    RC_ASSERT(appended.has_value());
    RC_ASSERT(!appended->duplicate);
    keep(appended->base.value, values);
  }

  void follows(unsigned much) {
    const auto values = some_values(much);
    auto batch = batch_of(values);
    const auto base = story_.log().end();
    batch.place(base, Epoch(epoch_));
    const auto end = story_.log().append_as_follower(std::move(batch));
    RC_ASSERT(end.has_value());
    RC_ASSERT(*end == base + std::ssize(values));
    RC_ASSERT(story_.log().latest_epoch() == Epoch(epoch_));
    keep(base.value, values);
  }

  void forget_from(std::int64_t end) {
    records_.erase(records_.lower_bound(end), records_.end());
    epochs_.erase(epochs_.lower_bound(end), epochs_.end());
    for (auto& [producer, sent] : sent_) {
      while (!sent.empty() && sent.back().base >= end) sent.pop_back();
    }
    committed_ = std::min(committed_, end);
  }

  Offset some_end(unsigned much) {
    auto& log = story_.log();
    return log.start() + std::int64_t(much) * (log.end() - log.start()) / 1000;
  }

  /// The batch that holds `end` goes whole.
  std::int64_t whole_batches(std::int64_t end) {
    const auto after = epochs_.lower_bound(end);
    if (after == epochs_.begin()) return end;
    const auto base = std::prev(after)->first;
    const auto next = after == epochs_.end() ? story_.log().end().value : after->first;
    return next > end ? base : end;
  }

  /// What was not yet written may go as well as what was kept long ago.
  void truncates(unsigned much) {
    auto& log = story_.log();
    const auto to = some_end(much);
    const auto end = whole_batches(to.value);
    RC_ASSERT(story_.truncates(to.value).has_value());
    RC_ASSERT(log.end().value == std::max(end, log.start().value));
    RC_ASSERT(log.committed_end() == log.end());
    forget_from(end);
    notes();
  }

  void begins_anew(unsigned much) {
    auto& log = story_.log();
    const auto to = some_end(much);
    RC_ASSERT(story_.node().run(log.truncate_fully_and_start_at(to)).has_value());
    RC_ASSERT(log.start() == to);
    RC_ASSERT(log.end() == to);
    forget_from(0);
    start_ = committed_ = to.value;
  }

  void truncates_and_crashes(unsigned much) {
    const auto to = some_end(much);
    const auto least = whole_batches(to.value);
    {
      TaskGroup tasks(story_.node().env().executor);
      tasks.spawn("truncation", cut(story_.log(), to));
      steps(much % 60);
    }
    committed_ = std::min(committed_, least);
    story_.crashes();
    reopens(much);
    if (least >= start_ || story_.log().end() > story_.log().start()) return;
    // The batch that held the start may have gone last, and what was known of producers with it.
    forget_from(least);
    for (auto& [producer, sent] : sent_) {
      for (auto& batch : sent) batch.may_be_forgotten = true;
    }
  }
  static Task<void> cut(PartitionLog& log, Offset to) { (void)co_await log.truncate_to(to); }

  void sends(unsigned producer) {
    auto& sent = sent_[producer];
    std::int32_t sequence = 0;
    if (!sent.empty()) {
      sequence = sent.back().sequence + static_cast<std::int32_t>(sent.back().values.size());
    }
    const auto values = some_values(producer + 50);
    const auto appended =
        story_.log().append_as_leader(batch_from(producer, 0, sequence, values), Epoch(epoch_));
    RC_ASSERT(appended.has_value());
    RC_ASSERT(!appended->duplicate);
    keep(appended->base.value, values);
    sent.push_back(Sent{sequence, values, appended->base.value});
  }

  void resends(unsigned producer, unsigned back) {
    auto& sent = sent_[producer];
    if (sent.size() <= back) return;
    const auto& old = sent[sent.size() - 1 - back];
    if (old.may_be_forgotten) return;
    const auto appended = story_.appends(batch_from(producer, 0, old.sequence, old.values));
    RC_ASSERT(appended.has_value());
    RC_ASSERT(appended->duplicate);
    RC_ASSERT(appended->base.value == old.base);
    RC_ASSERT(appended->end.value == old.base + std::int64_t(old.values.size()));
  }

  void steps(unsigned count) {
    for (unsigned i = 0; i < count && !story_.node().world().idle(); ++i) {
      story_.node().world().step();
    }
    notes();
  }

  void notes() {
    auto& log = story_.log();
    RC_ASSERT(log.start() <= log.committed_end());
    RC_ASSERT(log.committed_end() <= log.written_end());
    RC_ASSERT(log.written_end() <= log.end());
    committed_ = std::max(committed_, log.committed_end().value);
    start_ = std::max(start_, log.start().value);
  }

  void commits() {
    RC_ASSERT(story_.commits());
    notes();
  }

  void deletes(unsigned much) {
    auto& log = story_.log();
    const auto reach = log.committed_end() - log.start();
    const auto to = log.start() + std::int64_t(much) * reach / 1000;
    RC_ASSERT(story_.node().run(log.delete_before(to)).has_value());
    RC_ASSERT(log.start() == to);
    notes();
  }

  void retains() {
    auto options = story_.options();
    options.retention_bytes = 1500;
    story_.log().configure(options);
    const auto now = story_.node().env().clock.wall_now();
    RC_ASSERT(story_.node().run(story_.log().apply_retention(now)).has_value());
    notes();
  }

  void closes(unsigned much) {
    commits();
    RC_ASSERT(story_.closes().has_value());
    const auto end = records_.empty() ? 0 : records_.rbegin()->first + 1;
    reopens(much);
    RC_ASSERT(story_.log().end().value >= end);
  }

  void reopens(unsigned) {
    RC_ASSERT(story_.opens().has_value());
    auto& log = story_.log();
    const auto end = log.end().value;
    RC_ASSERT(end >= committed_);
    RC_ASSERT(log.start().value >= start_);
    RC_ASSERT(log.committed_end() == log.end());
    // Of a batch that holds the start, what is cut is not seen.
    const auto last = records_.empty() ? end : records_.rbegin()->first + 1;
    RC_ASSERT(end <= std::max(last, log.start().value));
    forget_from(end);
    notes();
  }

  LogStory story_;
  std::map<std::int64_t, std::string> records_;
  std::map<std::int64_t, std::int32_t> epochs_;  // Of each batch, by its base.
  std::map<unsigned, std::vector<Sent>> sent_;
  std::int32_t epoch_ = 0;
  std::int64_t committed_ = 0;
  std::int64_t start_ = 0;
  unsigned count_ = 0;
};

RC_GTEST_PROP(LogModel, KeepsWhatItSaidItKept, (std::uint64_t seed)) {
  const auto story = *happenings();
  Model model(seed);
  for (const auto& happening : story) model.meets(happening);
  model.holds();
}

/// Whether some story of many does not end well.
bool finds(Bug bug) {
  Random random(7);
  const int kinds[] = {0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9};
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Model model(seed, bug);
    try {
      for (int i = 0; i < 40; ++i) {
        const auto kind = kinds[random.below(std::size(kinds))];
        model.meets(Happening{kind, static_cast<unsigned>(random.below(1000))});
      }
      model.holds();
    } catch (const rc::detail::CaseResult&) {
      return true;
    }
  }
  return false;
}

TEST(LogModel, FindsEveryBugThatIsPlantedInRecoveryOrTheWindow) {
  EXPECT_TRUE(finds(Bug::count_before_sync));
  EXPECT_TRUE(finds(Bug::trust_index_after_crash));
  EXPECT_TRUE(finds(Bug::no_duplicate_window));
  EXPECT_TRUE(finds(Bug::duplicate_window_of_one));
}

}  // namespace
}  // namespace trialog::log
