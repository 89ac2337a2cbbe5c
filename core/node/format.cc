#include "core/node/format.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/log/checkpoint.h"
#include "core/replication/metadata_quorum.h"

namespace trialog::node {

namespace {

using Choice = FormatRequest::Voters;

/// What is in meta.properties; nothing without the file.
Task<Result<std::optional<log::Properties>>> identity_in(Disk& disk, Disk::Path directory) {
  const auto path = directory / "meta.properties";
  auto bytes = co_await read_file(disk, path, 1u << 20);
  if (!bytes && bytes.error().kind() == IoError::Kind::not_found) co_return std::nullopt;
  if (!bytes) co_return failure(bytes.error());
  auto parsed = log::parse_properties(bytes->text());
  if (!parsed) co_return failure(IoError::Kind::corrupt, path.string() + ": " + parsed.error());
  co_return std::move(*parsed);
}

std::vector<Disk::Path> directories_of(const Options& options) {
  auto list = options.log_dirs;
  if (std::ranges::find(list, options.metadata_log_dir) == list.end()) {
    list.push_back(options.metadata_log_dir);
  }
  return list;
}

/// One node's format, step by step.
class Formatting {
 public:
  Formatting(Env& env, const Options& options, const FormatRequest& request)
      : env_(env), options_(options), request_(request), random_(env.random.fork("format")) {}

  Task<Result<std::vector<std::string>>> run() {
    for (const auto& directory : directories_of(options_)) {
      auto done = co_await look_at(directory);
      if (!done) co_return failure(done.error());
    }
    for (const auto& directory : empty_) {
      auto done = co_await write(directory);
      if (!done) co_return failure(done.error());
    }
    co_return std::move(lines_);
  }

 private:
  Task<Status> look_at(Disk::Path directory) {
    auto found = co_await identity_in(env_.disk, directory);
    if (!found) co_return failure(found.error());
    if (!*found) {
      empty_.push_back(std::move(directory));
      co_return Status();
    }
    const auto cluster = (**found)["cluster.id"];
    if (cluster != request_.cluster_id) {
      co_return failure(IoError::Kind::corrupt,
                        fmt::format("Invalid cluster.id in: {}/meta.properties. Expected {}, but "
                                    "read {}",
                                    directory.string(), request_.cluster_id, cluster));
    }
    if (request_.skip_formatted) co_return Status();
    co_return failure(IoError::Kind::exists,
                      fmt::format("Log directory {} is already formatted. Use --ignore-formatted "
                                  "to ignore this directory and format the others.",
                                  directory.string()));
  }

  /// meta.properties comes last: with it the directory counts as formatted.
  Task<Status> write(Disk::Path directory) {
    auto made = co_await env_.disk.make_directory(directory);
    if (!made) co_return made;
    Disk::Path above = directory.has_parent_path() ? directory.parent_path() : Disk::Path(".");
    auto synced = co_await env_.disk.sync_names(std::move(above));
    if (!synced) co_return synced;
    const bool home = directory == options_.metadata_log_dir;
    const auto id = home ? home_id() : Uuid::random(random_);
    if (home) synced = co_await write_voters(directory, id);
    if (!synced) co_return synced;
    log::Properties properties;
    properties["version"] = "1";
    properties["cluster.id"] = request_.cluster_id;
    properties["node.id"] = std::to_string(options_.id.value);
    properties["directory.id"] = id.text();
    auto text = Bytes::copy_of(log::render(properties));
    lines_.push_back(fmt::format("{} as directory {} of node {}", directory.string(), id.text(),
                                 options_.id.value));
    co_return co_await replace_file(env_.disk, directory / "meta.properties", std::move(text));
  }

  /// A voter's directory is named in advance.
  Uuid home_id() {
    for (const auto& voter : request_.voters) {
      if (voter.id == options_.id) return voter.directory;
    }
    return Uuid::random(random_);
  }

  Task<Status> write_voters(Disk::Path directory, Uuid id) {
    auto voters = request_.voters;
    if (request_.choice == Choice::standalone) voters = {this_node(id)};
    if (voters.empty()) co_return Status();
    auto set = quorum::VoterSet::of(std::move(voters));
    if (!set) co_return failure(IoError::Kind::corrupt, set.error());
    co_return co_await replication::write_first_voters(env_, std::move(directory), std::move(*set));
  }

  quorum::Voter this_node(Uuid directory) const {
    quorum::Voter voter;
    voter.id = options_.id;
    voter.directory = directory;
    for (const auto& listener : options_.controller_advertised) {
      voter.endpoints.push_back({listener.name, listener.at.host(), listener.at.port()});
    }
    return voter;
  }

  Env& env_;
  const Options& options_;
  const FormatRequest& request_;
  Random random_;
  std::vector<Disk::Path> empty_;
  std::vector<std::string> lines_;
};

}  // namespace

std::string format_problem(const Options& options, const FormatRequest& request) {
  const bool dynamic = request.choice == Choice::standalone || request.choice == Choice::listed;
  if (request.cluster_id.empty()) return "You must specify the cluster id.";
  if (options.cluster_id && *options.cluster_id != request.cluster_id) {
    return "cluster.id is " + *options.cluster_id + " in the settings, but " + request.cluster_id +
           " is to be formatted";
  }
  if (!options.quorum_voters.empty() && dynamic) {
    return "You cannot specify controller.quorum.voters and format the node with "
           "--initial-controllers or --standalone. If you want to use dynamic quorum, please "
           "remove controller.quorum.voters and specify controller.quorum.bootstrap.servers "
           "instead.";
  }
  if (request.choice == Choice::standalone && !options.is_controller) {
    return "You can only use --standalone on a controller.";
  }
  if (request.choice == Choice::standalone && options.controller_listeners.empty()) {
    return "No controller listeners found.";
  }
  if (options.quorum_voters.empty() && options.is_controller && !options.stands_alone() &&
      request.choice == Choice::as_configured) {
    return "Because controller.quorum.voters is not set on this controller, you must specify one "
           "of the following: --standalone, --initial-controllers, or --no-initial-controllers.";
  }
  return "";
}

Task<Result<std::vector<std::string>>> format(Env env, Options options, FormatRequest request) {
  Formatting formatting(env, options, request);
  co_return co_await formatting.run();
}

Task<Result<std::string>> cluster_of(Disk& disk, const Options& options) {
  std::string cluster = options.cluster_id.value_or("");
  bool formatted = false;
  for (const auto& directory : directories_of(options)) {
    auto found = co_await identity_in(disk, directory);
    if (!found) co_return failure(found.error());
    if (!*found) continue;
    formatted = true;
    const auto& said = (**found)["cluster.id"];
    if (!cluster.empty() && cluster != said) {
      co_return failure(IoError::Kind::corrupt,
                        fmt::format("{}/meta.properties: cluster.id is {}, but this cluster is {}",
                                    directory.string(), said, cluster));
    }
    cluster = said;
  }
  if (formatted || !cluster.empty() || options.stands_alone()) co_return cluster;
  if (auto derived = options.cluster_id_of_voters()) co_return std::move(*derived);
  co_return failure(IoError::Kind::not_found,
                    "no log directory is formatted and nothing tells the cluster's id: run "
                    "trialogd format, or set cluster.id");
}

}  // namespace trialog::node
