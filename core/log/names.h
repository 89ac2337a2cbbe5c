#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/topic.h"

namespace trialog::log {

/// The files of a partition's directory, as Kafka names them.
inline constexpr std::string_view log_suffix = ".log";
inline constexpr std::string_view offset_index_suffix = ".index";
inline constexpr std::string_view time_index_suffix = ".timeindex";
inline constexpr std::string_view aborted_index_suffix = ".txnindex";
inline constexpr std::string_view snapshot_suffix = ".snapshot";
inline constexpr std::string_view deleted_suffix = ".deleted";
inline constexpr std::string_view cleaned_suffix = ".cleaned";
inline constexpr std::string_view swap_suffix = ".swap";
inline constexpr std::string_view epochs_name = "leader-epoch-checkpoint";
inline constexpr std::string_view metadata_name = "partition.metadata";

/// Those of a segment that lie beside its `.log`.
inline constexpr std::string_view side_suffixes[] = {offset_index_suffix, time_index_suffix,
                                                     aborted_index_suffix};

/// All that a segment, or its beginning, may have.
inline constexpr std::string_view segment_suffixes[] = {
    log_suffix, offset_index_suffix, time_index_suffix, aborted_index_suffix, snapshot_suffix};

/// "00000000000000000042.log" for 42 and ".log".
std::string segment_name(Offset base, std::string_view suffix);
/// The offset in such a name; nothing unless it is twenty digits followed by `suffix` and nothing
/// else.
std::optional<Offset> offset_in_name(std::string_view name, std::string_view suffix);

/// What a directory's name says: "orders-0", or "orders-0.<uuid>-delete".
struct PartitionDirectory {
  TopicPartition partition;
  bool deleted = false;
};
/// Nothing if no partition lives in a directory of this name.
std::optional<PartitionDirectory> partition_in_name(std::string_view name);

}  // namespace trialog::log
