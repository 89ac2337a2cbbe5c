#include <algorithm>

#include "core/log/batch_scanner.h"
#include "core/log/names.h"
#include "core/log/recovery.h"

namespace trialog::log {

Task<Status> Recovery::remove(std::string name) {
  changed_ = true;
  names_.erase(name);
  auto removed = co_await env_.disk.remove(log_.path_ / name);
  if (!removed && removed.error().kind() == IoError::Kind::not_found) co_return Status();
  co_return removed;
}

Task<Status> Recovery::remove_segment(Offset base) {
  for (const auto suffix : side_suffixes) {
    auto name = segment_name(base, suffix);
    if (!names_.contains(name)) continue;
    auto removed = co_await remove(std::move(name));
    if (!removed) co_return removed;
  }
  co_return co_await remove(segment_name(base, log_suffix));
}

/// What a crash left in the middle of something is undone or completed (SEMANTICS 17.3).
Task<Status> Recovery::sort_out_files() {
  auto listed = co_await env_.disk.list(log_.path_);
  if (!listed) co_return failure(listed.error());
  for (const auto& entry : *listed) names_.insert(entry.name);
  const auto names = names_;
  for (const auto& name : names) {
    if (!name.ends_with(deleted_suffix) && !name.ends_with(".tmp")) continue;
    auto removed = co_await remove(name);
    if (!removed) co_return removed;
  }
  auto swapped = co_await replace_swapped();
  if (!swapped) co_return swapped;
  listed = co_await env_.disk.list(log_.path_);
  if (!listed) co_return failure(listed.error());
  for (const auto& entry : *listed) {
    if (const auto base = offset_in_name(entry.name, log_suffix)) {
      found_.emplace_back(*base, entry.size);
    } else if (const auto offset = offset_in_name(entry.name, snapshot_suffix)) {
      snapshots_.insert(*offset);
    }
  }
  // An index without its segment would be believed by the next segment of that name.
  for (const auto& entry : *listed) {
    for (const auto suffix : side_suffixes) {
      const auto base = offset_in_name(entry.name, suffix);
      if (!base || names_.contains(segment_name(*base, log_suffix))) continue;
      auto removed = co_await remove(entry.name);
      if (!removed) co_return removed;
    }
  }
  co_return Status();
}

/// A cleaner writes `.cleaned`, then renames it `.swap` and removes what it replaces. While a
/// `.cleaned` is left, the swaps from there on are not complete.
Task<Status> Recovery::replace_swapped() {
  Offset complete_below(INT64_MAX);
  std::vector<std::string> going;
  for (const auto& name : names_) {
    if (!name.ends_with(cleaned_suffix)) continue;
    going.push_back(name);
    const auto base =
        offset_in_name(std::string_view(name).substr(0, name.find(cleaned_suffix)), log_suffix);
    if (base) complete_below = std::min(complete_below, *base);
  }
  std::vector<Offset> complete;
  for (const auto& name : names_) {
    if (!name.ends_with(swap_suffix)) continue;
    const auto base =
        offset_in_name(std::string_view(name).substr(0, name.find(swap_suffix)), log_suffix);
    if (base && *base < complete_below) {
      complete.push_back(*base);
    } else {
      going.push_back(name);  // Indexes are built again.
    }
  }
  for (auto& name : going) {
    auto removed = co_await remove(name);
    if (!removed) co_return removed;
  }
  for (const auto base : complete) {
    const auto name = segment_name(base, log_suffix);
    const auto swap = name + std::string(swap_suffix);
    auto opened = co_await env_.disk.open(log_.path_ / swap, Disk::Open::existing);
    if (!opened) co_return failure(opened.error());
    BatchScanner scanner(*opened, 0, (*opened)->size(), BatchScanner::Check::headers);
    Offset end = base + 1;
    while (true) {
      auto next = co_await scanner.next();
      if (!next || !*next) break;
      end = std::max(end, (**next).end);
    }
    const auto names = names_;
    for (const auto& old : names) {
      const auto replaced = offset_in_name(old, log_suffix);
      if (!replaced || *replaced < base || *replaced >= end) continue;
      auto removed = co_await remove_segment(*replaced);
      if (!removed) co_return removed;
    }
    auto named = co_await env_.disk.sync_names(log_.path_);
    if (!named) co_return named;
    auto renamed = co_await env_.disk.rename(log_.path_ / swap, log_.path_ / name);
    if (!renamed) co_return renamed;
    names_.erase(swap);
    names_.insert(name);
  }
  co_return Status();
}

Task<Status> Recovery::read_metadata() {
  const auto path = log_.path_ / metadata_name;
  if (!names_.contains(std::string(metadata_name))) {
    const bool empty =
        std::all_of(found_.begin(), found_.end(), [](const Found& f) { return f.size == 0; });
    // A metadata log has a snapshot before it has anything else (`kafka-storage format`).
    const bool formatted = std::ranges::any_of(
        names_, [](const std::string& name) { return name.ends_with(".checkpoint"); });
    abandoned_ = empty && snapshots_.empty() && !formatted;
    if (!abandoned_) env_.trace.note(Level::warn, "log.no_topic_id", path.string() + " is missing");
    co_return Status();
  }
  auto bytes = co_await read_file(env_.disk, path, 4096);
  if (!bytes) co_return failure(bytes.error());
  constexpr std::string_view head = "version: 0\ntopic_id: ";
  auto text = bytes->text();
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto id =
      text.starts_with(head) ? Uuid::parse(text.substr(head.size())) : std::optional<Uuid>();
  if (!id) {
    co_return failure(IoError::Kind::corrupt,
                      path.string() +
                          " is damaged: should be 'version: 0' and 'topic_id: ' with 22 "
                          "characters of base64; remove it to start without the topic's id");
  }
  log_.topic_id_ = *id;
  co_return Status();
}

Task<Status> Recovery::drop_before_start() {
  std::sort(found_.begin(), found_.end(),
            [](const Found& a, const Found& b) { return a.base < b.base; });
  while (found_.size() > 1 && found_[1].base <= marks_.start) {
    auto removed = co_await remove_segment(found_.front().base);
    if (!removed) co_return removed;
    found_.erase(found_.begin());
  }
  first_replayed_ = found_.size();
  if (marks_.clean) co_return Status();
  for (std::size_t i = found_.size(); i-- > 0;) {
    const bool last = i + 1 == found_.size();
    if (!last && found_[i + 1].base <= marks_.recovery_point) break;
    first_replayed_ = i;
  }
  co_return Status();
}

}  // namespace trialog::log
