// java -cp ODK_Validate.jar Harness.java FORM...: what JavaRosa, the engine of ODK Collect, makes of filled forms.
//
// Each argument names a pair of files, NAME.form.xml and NAME.instance.xml. Printed for each question of the instance:
// NAME, path, row in its innermost repeat (0 outside), relevant, required, whether the constraint holds, value; by tabs.
import java.io.ByteArrayInputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.parse.XFormParser;
import org.javarosa.xform.util.XFormUtils;

public class Harness {
    public static void main(String[] names) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream noise = new PrintStream(System.err, true);
        System.setOut(noise);
        new XFormsModule().registerModule();
        for (String name : names) {
            FormDef form = XFormUtils.getFormFromInputStream(new ByteArrayInputStream(Files.readAllBytes(Path.of(name + ".form.xml"))));
            TreeElement saved = XFormParser.restoreDataModel(Files.readAllBytes(Path.of(name + ".instance.xml")), null).getRoot();
            TreeElement root = form.getInstance().getRoot().deepCopy(true);
            root.populate(saved, form);
            form.getInstance().setRoot(root);
            form.initialize(false, new InstanceInitializationFactory());
            walk(form, form.getInstance().getRoot(), "/" + root.getName(), 0, Path.of(name).getFileName().toString(), out);
        }
    }

    static void walk(FormDef form, TreeElement element, String path, int row, String name, PrintStream out) {
        for (int i = 0; i < element.getNumChildren(); i++) {
            TreeElement child = element.getChildAt(i);
            if (child.getMult() == TreeReference.INDEX_TEMPLATE || child.getName().equals("meta")) continue;
            String inner = path + "/" + child.getName();
            int place = child.isRepeatable() ? child.getMult() + 1 : row;
            if (child.getNumChildren() > 0) {
                walk(form, child, inner, place, name, out);
                continue;
            }
            IAnswerData value = child.getValue();
            boolean holds = value == null || form.evaluateConstraint(child.getRef(), value);
            String text = value == null ? "" : value.uncast().getString().replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
            out.println(String.join("\t", name, inner, "" + place, child.isRelevant() ? "1" : "0", child.isRequired() ? "1" : "0", holds ? "1" : "0", text));
        }
    }
}
