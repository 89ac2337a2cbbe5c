#include "core/protocol/text.h"

#include <gtest/gtest.h>

#include "core/protocol/base64.h"
#include "core/protocol/describe.h"
#include "core/protocol/messages/produce.h"
#include "core/protocol/messages/quorum_state.h"
#include "tests/unit/protocol/support.h"

namespace trialog::protocol {
namespace {

std::string trouble(std::string_view message, std::int16_t version, std::string_view json) {
  const auto bytes = from_json(message, version, json);
  return bytes ? "" : bytes.error().what();
}

TEST(Text, ReadsLikeKafkas) {
  const std::string bytes = "056b636174023100";
  EXPECT_EQ(to_json("ApiVersionsRequest", 3, bytes_of(bytes)).value(),
            R"({"clientSoftwareName":"kcat","clientSoftwareVersion":"1"})");
  const auto json = R"({"clientSoftwareVersion":"1","unheard of":0,"clientSoftwareName":"kcat"})";
  EXPECT_EQ(to_hex(from_json("ApiVersionsRequest", 3, json)->view()), bytes);
  EXPECT_EQ(to_json("ApiVersionsRequest", 3, bytes_of(bytes.substr(0, 12))).error().what(),
            "ApiVersionsRequest v3 ends inside ClientSoftwareVersion at byte 6");
}

TEST(Text, OfAMessageOrVersionThatWeDoNotHaveSaysUnknown) {
  EXPECT_EQ(trouble("JoinTheCircus", 0, "{}"), "unknown message JoinTheCircus");
  EXPECT_EQ(trouble("FetchRequest", 99, "{}"),
            "unknown version 99 of FetchRequest, which has 4 to 18");
  EXPECT_EQ(to_json("FetchRequest", -1, Bytes()).error().kind(), IoError::Kind::not_found);
}

TEST(Text, SaysWhichFieldCannotBeRead) {
  EXPECT_EQ(trouble("ProduceRequest", 9, "{"), "this is not JSON");
  EXPECT_EQ(trouble("ProduceRequest", 9, "[]"),
            "ProduceRequest v9 cannot be read: is not an object: []");
  EXPECT_EQ(trouble("ProduceRequest", 9, R"({"transactionalId":null})"),
            "ProduceRequest v9 cannot be read: acks is missing");
  EXPECT_EQ(trouble("ProduceRequest", 9, R"({"transactionalId":null,"acks":40000})"),
            "ProduceRequest v9 cannot be read: acks is not an integer from -32768 to 32767: 40000");
  const std::string begin = R"({"transactionalId":null,"acks":1,"timeoutMs":1,"topicData":)";
  EXPECT_EQ(trouble("ProduceRequest", 9, begin + R"([{"name":"a","partitionData":null}]})"),
            "ProduceRequest v9 cannot be read: topicData[0].partitionData must not be null in this "
            "version");
  EXPECT_EQ(trouble("ProduceRequest", 13, begin + R"([{"topicId":"short"}]})"),
            "ProduceRequest v13 cannot be read: topicData[0].topicId is not an id of 22 characters "
            "in URL-safe base64: \"short\"");
  EXPECT_EQ(trouble("ProduceRequest", 13, begin + "18446744073709551615}"),
            "ProduceRequest v13 cannot be read: topicData is not an array: 18446744073709551615");
}

/// The name that says which version it is, is the file's and not the message's.
TEST(Text, ReadsAndWritesKafkasQuorumStateFiles) {
  const std::string old_body = R"("clusterId":"","leaderId":2,"leaderEpoch":4,"votedId":-1,)"
                               R"("appliedOffset":0,"currentVoters":[{"voterId":1},{"voterId":2}])";
  QuorumStateData old;
  const auto& schema = schema_of<QuorumStateData>();
  ASSERT_TRUE(detail::read_json(schema, 0, "{" + old_body + R"(,"data_version":0})", &old));
  EXPECT_EQ(old.leader_id, 2);
  EXPECT_EQ(old.leader_epoch, 4);
  EXPECT_EQ(old.voted_id, -1);
  ASSERT_EQ(old.current_voters->size(), 2u);
  EXPECT_EQ((*old.current_voters)[1].voter_id, 2);
  EXPECT_EQ(to_json(old, 0), "{" + old_body + "}");

  const std::string body = R"("leaderId":-1,"leaderEpoch":7,"votedId":3,)"
                           R"("votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAKg")";
  QuorumStateData state;
  ASSERT_TRUE(detail::read_json(schema, 1, "{" + body + R"(,"data_version":1})", &state));
  EXPECT_EQ(state.voted_directory_id.text(), "AAAAAAAAAAAAAAAAAAAAKg");
  EXPECT_EQ(to_json(state, 1), "{" + body + "}");
  const auto bytes = from_json("QuorumStateData", 1, "{" + body + "}");
  ASSERT_TRUE(bytes) << bytes.error().what();
  EXPECT_TRUE(decode<QuorumStateData>(*bytes, 1).value() == state);
}

TEST(Text, OfAQuorumStateFileWithoutItsEpochIsRefused) {
  EXPECT_EQ(trouble("QuorumStateData", 1, R"({"leaderId":1})"),
            "QuorumStateData v1 cannot be read: leaderEpoch is missing");
}

TEST(Text, ReadsRecordsFromBase64AndWritesThemAsKafkaDoes) {
  const auto json = R"({"transactionalId":null,"acks":1,"timeoutMs":1,"topicData":[)"
                    R"({"name":"t","partitionData":[{"index":0,"records":"YmF0Y2g="}]}]})";
  const auto bytes = from_json("ProduceRequest", 9, json).value();
  const auto request = decode<ProduceRequest>(bytes, 9).value();
  EXPECT_EQ(joined(*request.topic_data[0].partition_data[0].records).text(), "batch");
  const auto text = to_json(request, 9);
  EXPECT_NE(text.find(R"("records":"")"), std::string::npos) << text;
}

TEST(Text, ReplacesWhatIsNotUtf8) {
  Everything message;
  message.text = "a\xff";
  EXPECT_NE(to_json(message, 0).find("a\xef\xbf\xbd"), std::string::npos);
}

TEST(Text, HasNumbersOfEveryKindAtTheirBorders) {
  Everything message;
  message.small = -128;
  message.medium = 32767;
  message.large = std::numeric_limits<std::int64_t>::min();
  message.port = 65535;
  message.crc = 0xffffffff;
  message.ratio = 794059.3897921614;
  message.bytes = Bytes::copy_of("\x01\xff");
  const auto text = to_json(message, 3);
  for (const auto* part :
       {"\"small\":-128", "\"medium\":32767", "\"large\":-9223372036854775808", "\"port\":65535",
        "\"crc\":4294967295", "\"ratio\":794059.3897921614", "\"bytes\":\"Af8=\""}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  }
  const auto& schema = schema_of<Everything>();
  Everything read;
  const auto done = detail::read_json(schema, 3, text, &read);
  ASSERT_TRUE(done) << done.error().what();
  EXPECT_TRUE(read == message);
}

TEST(Base64, IsThatOfRfc4648) {
  const std::pair<std::string, std::string> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : examples) {
    EXPECT_EQ(to_base64(as_bytes(plain)), coded);
    EXPECT_EQ(as_text(from_base64(coded).value()), plain);
  }
  EXPECT_EQ(to_base64(from_hex("fbefff")), "++//");
  EXPECT_FALSE(from_base64("Zg-_"));
  EXPECT_FALSE(from_base64("Z"));
  EXPECT_FALSE(from_base64("Z=g="));
}

}  // namespace
}  // namespace trialog::protocol
