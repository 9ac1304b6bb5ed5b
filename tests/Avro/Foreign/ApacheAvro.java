import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.io.JsonEncoder;
import org.apache.avro.util.RandomData;

/**
 * Reads a file of cases, one JSON object a line ({schema, reader?, values: [hex], own: count}), and answers each with what Apache Avro makes of it:
 * canonical form and fingerprints, the values as Avro JSON and encoded again (with the reader's schema if there is one, or the error), and so many of its own.
 */
public class ApacheAvro {
    static final ObjectMapper JSON = new ObjectMapper();
    static final HexFormat HEX = HexFormat.of();

    public static void main(String[] args) throws Exception {
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            System.out.write((JSON.writeValueAsString(answer(JSON.readTree(line))) + "\n").getBytes(StandardCharsets.UTF_8));
        }
        System.out.flush();
    }

    static ObjectNode answer(JsonNode question) throws Exception {
        Schema writer = new Schema.Parser().parse(question.get("schema").asText());
        Schema reader = question.hasNonNull("reader") ? new Schema.Parser().parse(question.get("reader").asText()) : writer;
        ObjectNode answer = JSON.createObjectNode();
        answer.put("canonical", SchemaNormalization.toParsingForm(writer));
        answer.put("crc64", Long.toUnsignedString(SchemaNormalization.parsingFingerprint64(writer)));
        answer.put("md5", HEX.formatHex(SchemaNormalization.parsingFingerprint("MD5", writer)));
        answer.put("sha256", HEX.formatHex(SchemaNormalization.parsingFingerprint("SHA-256", writer)));
        SchemaCompatibility.SchemaCompatibilityType compatibility = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType();
        answer.put("compatible", compatibility == SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE);
        ArrayNode read = answer.putArray("read");
        for (JsonNode hex : question.get("values")) {
            read.add(value(writer, reader, hex.asText()));
        }
        ArrayNode own = answer.putArray("own");
        for (Object value : new RandomData(writer, question.get("own").asInt(), question.get("values").hashCode())) {
            own.add(encode(writer, value));
        }
        return answer;
    }

    static ObjectNode value(Schema writer, Schema reader, String hex) throws Exception {
        try {
            GenericDatumReader<Object> datum = new GenericDatumReader<>(writer, reader);
            return encode(reader, datum.read(null, DecoderFactory.get().binaryDecoder(HEX.parseHex(hex), null)));
        } catch (org.apache.avro.AvroRuntimeException error) {
            return JSON.createObjectNode().put("error", error.toString());
        }
    }

    static ObjectNode encode(Schema schema, Object value) throws Exception {
        ByteArrayOutputStream binary = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(binary, null);
        new GenericDatumWriter<>(schema).write(value, encoder);
        encoder.flush();
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        JsonEncoder json = EncoderFactory.get().jsonEncoder(schema, text);
        new GenericDatumWriter<>(schema).write(value, json);
        json.flush();
        return JSON.createObjectNode().put("hex", HEX.formatHex(binary.toByteArray())).put("json", text.toString(StandardCharsets.UTF_8));
    }
}
