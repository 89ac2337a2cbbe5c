#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/log/log_directory.h"
#include "sim/lone_node.h"

namespace trialog::log {

/// A record as a reader of the log sees it.
struct Seen {
  std::int64_t offset;
  std::string value;
  friend bool operator==(const Seen&, const Seen&) = default;
};

/// One broker's log directory on a simulated machine, with verbs. Most stories use the one
/// partition "orders-0".
class LogStory {
 public:
  explicit LogStory(std::uint64_t seed = 1, Options options = Options());
  ~LogStory();

  Options& options() { return options_; }
  /// Bugs to plant from the next `opens` on.
  void plant(Bug bug) { bugs_.push_back(bug); }

  /// What opening says; the directory is then there to be used.
  Status opens();
  void creates(const TopicPartition& partition = orders());
  Status closes();
  /// Power loss; what is then opened is what the disk kept.
  void crashes();
  /// The process ends without a word; the page cache stays.
  void is_killed();

  /// Appends one batch of these values and says where it went.
  std::expected<Appended, ErrorCode> appends(std::vector<std::string> values,
                                             const TopicPartition& partition = orders());
  std::expected<Appended, ErrorCode> appends(records::Batch batch,
                                             const TopicPartition& partition = orders());
  /// Appends what a leader of `epoch` has logged at `base`.
  std::expected<Offset, ErrorCode> follows(std::vector<std::string> values, std::int64_t base,
                                           std::int32_t epoch = 0);
  /// Removes everything from `end` on.
  Status truncates(std::int64_t end);
  /// Waits until all that was appended counts; whether it does.
  bool commits(const TopicPartition& partition = orders());
  /// All records that may be read, read in pieces of at most `limit` bytes.
  std::vector<Seen> records(std::size_t limit = 1u << 20,
                            const TopicPartition& partition = orders());
  std::vector<std::string> values(const TopicPartition& partition = orders());
  /// The names in the partition's directory.
  std::vector<std::string> files(const TopicPartition& partition = orders());
  std::string text_of(const std::string& path);
  void writes(const std::string& path, std::string_view contents);
  Bytes bytes_of(const std::string& path);

  PartitionLog& log(const TopicPartition& partition = orders());
  LogDirectory& directory() { return *directory_; }
  bool is_open() const { return directory_ != nullptr; }
  sim::LoneNode& node() { return node_; }
  static TopicPartition orders() { return TopicPartition("orders", 0); }

 private:
  sim::LoneNode node_;
  Options options_;
  std::vector<Bug> bugs_;
  std::unique_ptr<LogDirectory> directory_;
};

/// A batch of these values with timestamps `time`, `time` + 1, ...
records::Batch batch_of(const std::vector<std::string>& values, std::int64_t time = 1000);
/// The same from an idempotent producer.
records::Batch batch_from(std::int64_t producer, std::int16_t epoch, std::int32_t sequence,
                          const std::vector<std::string>& values);
/// The values in a chain of batches.
std::vector<Seen> seen_in(const Chain& chain, sim::LoneNode& node);

}  // namespace trialog::log
