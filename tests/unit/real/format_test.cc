#include "core/node/format.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "core/log/checkpoint.h"
#include "core/replication/snapshot_format.h"
#include "real/machine.h"

namespace trialog::node {
namespace {

namespace fs = std::filesystem;
using Choice = FormatRequest::Voters;

constexpr const char* cluster = "LdeJbCUaSUK2QHkQbr1Nig";
constexpr const char* two_voters =
    "1@one:9093:lwngVspjSdmwZLkYH0gT_Q,2@[::2]:9094:JEXY6aqzQY-32P5TStzaFg";

class Deaf : public Trace {
 public:
  void note(Level, std::string_view, std::string_view) override {}
  bool hears(Level) const override { return false; }
};

class FormatStory : public testing::Test {
 protected:
  FormatStory() : machine(trace) {
    std::string name = (fs::temp_directory_path() / "trialog-format-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) home = name;
    request.cluster_id = cluster;
  }
  ~FormatStory() override {
    std::error_code ignored;
    fs::remove_all(home, ignored);
  }

  Options options(metadata::Settings more = {}) {
    metadata::Settings settings{{"node.id", "1"},
                                {"process.roles", "broker,controller"},
                                {"listeners", "PLAINTEXT://one:9092,CONTROLLER://one:9093"},
                                {"controller.listener.names", "CONTROLLER"},
                                {"controller.quorum.bootstrap.servers", "one:9093,two:9094"},
                                {"log.dirs", (home / "a").string() + "," + (home / "b").string()}};
    for (auto& [name, value] : more) settings.insert_or_assign(name, value);
    auto parsed = parse(settings, false);
    for (const auto& problem : parsed.problems) ADD_FAILURE() << problem;
    return parsed.options.value_or(Options());
  }
  Options with_voters() {
    auto some = options();
    some.quorum_voters = {{NodeId(1), Endpoint("one", 9093)}, {NodeId(2), Endpoint("two", 9093)}};
    return some;
  }

  template <class T>
  T run(Task<T> story) {
    std::optional<T> result;
    TaskGroup tasks(machine.env().executor);
    tasks.spawn("story", tell(std::move(story), result));
    machine.run();
    return std::move(*result);
  }
  template <class T>
  Task<void> tell(Task<T> story, std::optional<T>& result) {
    result = co_await story;
    machine.stop();
  }

  Result<std::vector<std::string>> formatted(Options some) {
    return run(format(machine.env(), std::move(some), request));
  }
  Result<std::string> cluster_id(const Options& some) {
    auto env = machine.env();
    return run(cluster_of(env.disk, some));
  }
  log::Properties identity(const char* directory) {
    std::ifstream in(home / directory / "meta.properties");
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    return log::parse_properties(text).value_or(log::Properties());
  }

  /// What the metadata log's first snapshot says.
  std::optional<quorum::VoterSet> first_voters() {
    std::ifstream in(home / "a/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint");
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto snapshot = replication::parse_snapshot(Bytes::copy_of(text));
    if (!snapshot) return std::nullopt;
    return snapshot->voters;
  }

  Deaf trace;
  real::Machine machine;
  fs::path home;
  FormatRequest request;
};

TEST_F(FormatStory, EveryDirectoryGetsItsOwnName) {
  const auto lines = formatted(with_voters());
  ASSERT_TRUE(lines.has_value()) << lines.error().what();
  EXPECT_EQ(lines->size(), 2u);
  EXPECT_EQ(identity("a")["version"], "1");
  EXPECT_EQ(identity("a")["cluster.id"], cluster);
  EXPECT_EQ(identity("a")["node.id"], "1");
  EXPECT_TRUE(Uuid::parse(identity("a")["directory.id"]).has_value());
  EXPECT_NE(identity("a")["directory.id"], identity("b")["directory.id"]);
  EXPECT_EQ(cluster_id(with_voters()).value_or("?"), cluster);
}

TEST_F(FormatStory, WhatIsFormattedIsLeftAsItIs) {
  ASSERT_TRUE(formatted(with_voters()).has_value());
  const auto before = identity("a");
  const auto again = formatted(with_voters());
  ASSERT_FALSE(again.has_value());
  EXPECT_NE(again.error().what().find("is already formatted. Use --ignore-formatted"),
            std::string::npos);
  fs::remove_all(home / "b");
  request.skip_formatted = true;
  const auto rest = formatted(with_voters());
  ASSERT_TRUE(rest.has_value());
  EXPECT_EQ(rest->size(), 1u);
  EXPECT_EQ(identity("a"), before);
  EXPECT_EQ(identity("b")["cluster.id"], cluster);
}

TEST_F(FormatStory, DirectoriesOfAnotherClusterAreRefused) {
  ASSERT_TRUE(formatted(with_voters()).has_value());
  request.cluster_id = "abcdefghijklmnopqrstuw";
  request.skip_formatted = true;
  const auto other = formatted(with_voters());
  ASSERT_FALSE(other.has_value());
  EXPECT_NE(other.error().what().find("Expected abcdefghijklmnopqrstuw, but read Lde"),
            std::string::npos);
  EXPECT_EQ(cluster_id(options({{"cluster.id", "abcdefghijklmnopqrstuw"}})).error().kind(),
            IoError::Kind::corrupt);
}

TEST_F(FormatStory, AVoterGetsTheDirectoryThatAllOthersKnowItBy) {
  request.choice = Choice::listed;
  request.voters = parse_initial_controllers(two_voters, "CONTROLLER").value();
  ASSERT_TRUE(formatted(options()).has_value());
  EXPECT_EQ(identity("a")["directory.id"], "lwngVspjSdmwZLkYH0gT_Q");
  EXPECT_NE(identity("b")["directory.id"], "lwngVspjSdmwZLkYH0gT_Q");
  EXPECT_EQ(first_voters(), quorum::VoterSet::of(request.voters).value());
}

TEST_F(FormatStory, AStandaloneControllerIsTheOnlyVoter) {
  request.choice = Choice::standalone;
  ASSERT_TRUE(formatted(options()).has_value());
  const auto voters = first_voters();
  ASSERT_TRUE(voters.has_value());
  ASSERT_EQ(voters->size(), 1u);
  EXPECT_EQ(voters->all()[0].id, NodeId(1));
  EXPECT_EQ(voters->all()[0].directory.text(), identity("a")["directory.id"]);
  const quorum::VoterEndpoint endpoint{"CONTROLLER", "one", 9093};
  EXPECT_EQ(voters->all()[0].endpoints, std::vector{endpoint});
}

TEST_F(FormatStory, WhoJoinsLaterHasNoFirstVoters) {
  request.choice = Choice::none;
  ASSERT_TRUE(formatted(options()).has_value());
  EXPECT_FALSE(fs::exists(home / "a" / "__cluster_metadata-0"));
}

TEST_F(FormatStory, AskedForWhatCannotBeItSaysSoInKafkasWords) {
  const auto problem = [&](const Options& some, Choice choice) {
    request.choice = choice;
    return format_problem(some, request);
  };
  EXPECT_EQ(problem(with_voters(), Choice::as_configured), "");
  EXPECT_EQ(problem(options(), Choice::standalone), "");
  EXPECT_EQ(problem(options(), Choice::none), "");
  EXPECT_TRUE(problem(options(), Choice::as_configured)
                  .starts_with("Because controller.quorum.voters is not set on this controller"));
  EXPECT_TRUE(problem(with_voters(), Choice::standalone)
                  .starts_with("You cannot specify controller.quorum.voters and format the node"));
  auto broker = options();
  broker.is_controller = false;
  EXPECT_EQ(problem(broker, Choice::as_configured), "");
  EXPECT_EQ(problem(broker, Choice::standalone), "You can only use --standalone on a controller.");
  request.cluster_id.clear();
  EXPECT_EQ(problem(options(), Choice::none), "You must specify the cluster id.");
}

TEST_F(FormatStory, InitialControllersAreRead) {
  const auto voters = parse_initial_controllers(two_voters, "CONTROLLER");
  ASSERT_TRUE(voters.has_value());
  ASSERT_EQ(voters->size(), 2u);
  EXPECT_EQ((*voters)[1].id, NodeId(2));
  EXPECT_EQ((*voters)[1].directory.text(), "JEXY6aqzQY-32P5TStzaFg");
  const quorum::VoterEndpoint second{"CONTROLLER", "::2", 9094};
  EXPECT_EQ((*voters)[1].endpoints, std::vector{second});
}

TEST_F(FormatStory, InitialControllersThatCannotBeReadAreRefused) {
  const std::pair<const char*, const char*> wrong[] = {
      {"", "No voters given."},
      {"1", "No @ found in dynamic voter string."},
      {"@h:1:x", "Invalid @ at beginning of dynamic voter string."},
      {"x@h:1:x", "Failed to parse node id in dynamic voter string."},
      {"-1@h:1:x", "Invalid negative node id -1 in dynamic voter string."},
      {"1@", "No hostname found after node id."},
      {"1@h", "No colon following hostname could be found."},
      {"1@[::1:2:x", "Hostname began with left bracket, but no right bracket was found."},
      {"1@[::1]2:x", "Port section must start with a colon."},
      {"1@h:1", "No colon following port could be found."},
      {"1@h:x:y", "Failed to parse port in dynamic voter string."},
      {"1@h:70000:y", "Invalid port 70000 in dynamic voter string."},
      {"1@h:1:y", "Failed to parse directory ID in dynamic voter string."},
      {"1@h:1:lwngVspjSdmwZLkYH0gT_Q,1@i:1:JEXY6aqzQY-32P5TStzaFg",
       "Node id 1 was specified more than once."}};
  for (const auto& [text, problem] : wrong) {
    const auto voters = parse_initial_controllers(text, "CONTROLLER");
    ASSERT_FALSE(voters.has_value()) << text;
    EXPECT_EQ(voters.error(), problem) << text;
  }
}

TEST_F(FormatStory, ADirectoryThatNobodyFormattedFollowsTheVotersOrIsRefused) {
  EXPECT_EQ(cluster_id(with_voters()).value_or("?"), with_voters().cluster_id_of_voters());
  EXPECT_EQ(cluster_id(options()).error().kind(), IoError::Kind::not_found);
  EXPECT_EQ(cluster_id(options({{"cluster.id", "chosen"}})).value_or("?"), "chosen");
  const auto alone = options({{"controller.quorum.bootstrap.servers", "one:9093"}});
  EXPECT_EQ(cluster_id(alone).value_or("?"), "");
}

TEST_F(FormatStory, WhatKafkasFormatWroteIsRead) {
  fs::create_directories(home / "a");
  std::ofstream(home / "a" / "meta.properties")
      << "#\n#Wed Nov 25 03:58:42 UTC 2026\nnode.id=1\ndirectory.id=lwngVspjSdmwZLkYH0gT_Q\n"
         "version=1\ncluster.id=abcdefghijklmnopqrstuw\n";
  EXPECT_EQ(cluster_id(options()).value_or("?"), "abcdefghijklmnopqrstuw");
}

}  // namespace
}  // namespace trialog::node
