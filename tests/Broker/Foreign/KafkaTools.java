import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Apache Kafka's own command line tools, the classes behind bin/kafka-*.sh, one after the other in one process, for each of them alone would cost a second to start.
 * In: one JSON object a line, {"tool": class, "arguments": [...], "input": text}. Out: one a line, {"code": exit code, "output": all that it printed}.
 */
public class KafkaTools {
    public static void main(String[] arguments) throws Exception {
        ObjectMapper json = new ObjectMapper();
        PrintStream answers = System.out;
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        AtomicReference<CompletableFuture<Integer>> running = new AtomicReference<>();
        // The tool's thread stands still where it would have ended the process.
        Exit.Procedure end = (status, message) -> {
            running.get().complete(status);
            while (true)
                LockSupport.park();
        };
        Exit.setExitProcedure(end);
        Exit.setHaltProcedure(end);
        List<Runnable> atTheEnd = new ArrayList<>();
        Exit.setShutdownHookAdder((name, hook) -> atTheEnd.add(hook));
        for (String line; (line = requests.readLine()) != null; ) {
            JsonNode request = json.readTree(line);
            List<String> given = new ArrayList<>();
            request.get("arguments").forEach(argument -> given.add(argument.asText()));
            ByteArrayOutputStream printed = new ByteArrayOutputStream();
            PrintStream both = new PrintStream(printed, true, StandardCharsets.UTF_8);
            System.setIn(new ByteArrayInputStream(request.get("input").asText().getBytes(StandardCharsets.UTF_8)));
            System.setOut(both);
            System.setErr(both);
            running.set(new CompletableFuture<>());
            Thread tool = new Thread(() -> {
                int code = 0;
                try {
                    Class.forName(request.get("tool").asText()).getMethod("main", String[].class).invoke(null, (Object) given.toArray(String[]::new));
                } catch (Throwable failure) {
                    failure.printStackTrace(both);
                    code = 1;
                }
                running.get().complete(code);
            });
            tool.setDaemon(true);
            tool.start();
            int code = running.get().get(50, TimeUnit.SECONDS);
            // The console producer, for one, sends its last records then.
            for (Runnable hook : atTheEnd) {
                Thread ending = new Thread(hook);
                ending.setDaemon(true);
                ending.start();
                ending.join(5_000);
            }
            atTheEnd.clear();
            both.flush();
            answers.println(json.writeValueAsString(json.createObjectNode().put("code", code).put("output", printed.toString(StandardCharsets.UTF_8))));
            answers.flush();
        }
        Runtime.getRuntime().halt(0);
    }
}
