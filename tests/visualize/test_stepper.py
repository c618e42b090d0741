"""The page of backpropagation: its text, and what a browser makes of it."""

import html
import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import nn
from autograd_engine import Value, backward_steps, dot, label, log, relu, sqrt, step, tanh
from autograd_engine.graph import leaves
from visualize import page


def lecture():
    """A value that is used twice, along paths of different lengths."""
    a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    e = a * b
    d = e + c
    root = tanh(d * a * 0.1) + e
    label(a=a, b=b, c=c, d=d, e=e, root=root)
    return root


def data_of(shown):
    return json.loads(re.search(r'id="data">(.*?)</script>', shown.html, re.DOTALL)[1])


def test_each_addition_is_an_event():
    root = lecture()
    events = data_of(page(root))["events"]["right"]
    kinds = [event["kind"] for event in events]
    made = 6
    additions = list(backward_steps(root))
    assert kinds == ["start", *["forward"] * made, "seed", *["backward"] * len(additions), "end"]
    to_e = [event for event in events if event.get("parent") == "n3"]
    assert to_e[0]["lines"] == [
        "Backward: root passes its gradient to e",
        "local derivative: ∂root/∂e = 1",
        "e.grad += upstream × local = 1 × 1 = 1",
    ]
    assert to_e[1]["lines"][0].endswith("which has received some already")
    assert "in all 1 + 0.111811 = 1.11181" in to_e[1]["lines"][2]
    assert events[-1]["lines"] == ["Every grad is complete, and equals its finite difference."]


def test_finite_differences_of_every_value():
    root = lecture()
    root.backward()
    for node in data_of(page(root))["nodes"]:
        if not node["constant"]:
            assert float(node["difference"]) == pytest.approx(float(node["grad"]), rel=1e-5)


def test_the_wrong_order_gives_the_wrong_gradients():
    events = data_of(page(lecture()))["events"]
    totals = {}
    for event in events["wrong"]:
        if event["kind"] == "backward":
            totals[event["parent"]] = event["total"]
    # e passes on the 1 that it has received from the root, and lacks what comes through d.
    assert float(totals["n0"]) != pytest.approx(-3.11181, abs=1e-3)
    assert float(totals["n1"]) == pytest.approx(2.0)
    assert events["wrong"][-1]["lines"][0] == "Wrong: a, b"
    x = Value(3.0, label="x")
    assert "wrong" not in data_of(page(x * x))["events"]


def test_wrong_arguments_are_told(tmp_path):
    with pytest.raises(TypeError, match=r"page takes a Value, got 3\.0"):
        page(3.0)
    with pytest.raises(ValueError, match="201 nodes, and stepping through more than 120"):
        page(sum([Value(1.0) * 1.0 for _ in range(50)], Value(0.0)))
    with pytest.raises(ValueError, match=r"ends in \.html, got"):
        page(lecture(), tmp_path / "page.svg")
    assert not list(tmp_path.iterdir())
    with pytest.raises(ValueError, match="rankdir is one of LR, TB, RL, BT; got 'up'"):
        page(lecture(), rankdir="up")
    with pytest.raises(ValueError, match="digits is a whole number from 1 to 17, got -3"):
        page(lecture(), digits=-3)


def test_numbers_that_are_none():
    x = Value(0.0, label="x")
    data = data_of(page((x - x) / (x * 1e-300)))
    assert {node["data"] for node in data["nodes"]} >= {"nan", "0"}


def test_the_end_says_what_the_differences_confirm():
    x, y = Value(0.0, label="x"), Value(1.0, label="y")
    for root, doubtful in (
        ((x / x) * y, "x, y, v1"),  # nan everywhere, which equals nothing, itself included
        (relu(x) + y, "x"),
        (step(x) + y, "x"),
        (log(x) * y, "x, y, v1"),
        (x * y * 1e-300, None),
        (sqrt(Value(1e-7, label="z")), None),  # nearer to 0 than a usual step is long
    ):
        title, *more = data_of(page(root))["events"]["right"][-1]["lines"]
        if doubtful is None:
            assert title == "Every grad is complete, and equals its finite difference."
        else:
            assert title == "Every grad is complete."
            assert more[0].startswith(f"No finite difference confirms that of {doubtful}: ")


def test_a_difference_without_a_limit_is_no_number():
    x = Value(0.0, label="x")
    assert data_of(page(step(x) + x))["nodes"][0]["difference"] == "?"


def test_the_wrong_order_ends_with_a_wrong_gradient():
    # Breadth first, only the constant inputs receive another gradient, which is not shown.
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    events = data_of(page(model([1.0, -2.0])))["events"]
    assert events["wrong"][-1]["lines"][0].startswith("Wrong: layers.0")


def test_names_of_values_in_lists():
    w = [Value(1.0), Value(2.0)]
    names = [node["name"] for node in data_of(page(w[0] * w[1], labels={"w": w}))["nodes"]]
    assert names == ["w[0]", "w[1]", "v1"]


def test_what_is_wrong_is_counted_where_it_is_much():
    x = Value(1.0, label="x")
    for _ in range(10):
        x = x + x
    assert data_of(page(x))["events"]["wrong"][-1]["lines"][0].endswith("v5, 3 more")


def test_a_notebook_shows_it_in_a_frame():
    shown = page(lecture())
    frame = shown._repr_html_()
    assert html.unescape(re.search(r'srcdoc="([^"]*)"', frame)[1]) == shown.html
    assert "sandbox=" in frame


@settings(max_examples=15)
@example("\ud800 \x00 \u2028 <!--<script>")
@given(st.text(st.characters(), max_size=20))
def test_labels_and_titles_inject_nothing(text):
    x, y = Value(2.0, label=text), Value(3.0, label="</script><script>alert(1)</script>")
    shown = page(x * y, title=text + "<img src=x onerror=alert(1)>")
    assert shown.html.count("<script") == 2 and "<img" not in shown.html
    assert shown.html.encode() and data_of(shown)["nodes"][0]["name"] == (text or "v1")


def test_the_same_page_every_time():
    assert page(lecture()).html == page(lecture()).html


# --- in a browser --------------------------------------------------------------------------------


def grads_of(tab):
    rows = tab.locator("#values tr")
    cells = [rows.nth(i).inner_text().split("\t") for i in range(rows.count())]
    return {name: grad for name, _, grad, _ in cells}


def test_the_last_step_has_the_gradients_of_backward(opened):
    root = lecture()
    tab = opened(page(root))
    tab.click("#last")
    root.backward()
    shown = grads_of(tab)
    for leaf in leaves(root):
        assert float(shown[leaf.label]) == pytest.approx(leaf.grad, rel=1e-5)
    assert "Every grad is complete" in tab.inner_text("#event")
    # The drawing says the same as the table.
    assert f"grad {shown['a']}" in tab.locator("#n0").text_content()


def test_steps_by_buttons_keys_and_slider(opened):
    tab = opened(page(lecture()))
    assert tab.inner_text("#count").startswith("step 0 of")
    assert tab.is_disabled("#back") and tab.is_disabled("#first")
    tab.click("#next")
    assert tab.url.endswith("#step=1") and "Forward: e" in tab.inner_text("#event")
    tab.locator("h1").click()
    tab.keyboard.press("ArrowRight")
    assert tab.inner_text("#count").startswith("step 2 of")
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("End")
    assert tab.is_disabled("#next")
    tab.keyboard.press("Home")
    tab.locator("#slider").fill("7")
    assert "Backward: it starts at root" in tab.inner_text("#event")
    assert tab.locator("#n9.active").count() == 1


def test_keys_alone_reach_everything_and_keep_the_focus(opened):
    tab = opened(page(lecture()))
    reached = []
    for _ in range(11):
        tab.keyboard.press("Tab")
        reached.append(tab.evaluate("document.activeElement.id"))
    buttons = ["first", "back", "play", "next", "last", "slider", "order", "in", "out", "fit"]
    assert reached[:10] == buttons
    tab.focus("#next")
    for _ in range(30):
        tab.keyboard.press("Enter")
    assert tab.is_disabled("#next") and tab.evaluate("document.activeElement.id") == "next"
    assert "Every grad is complete" in tab.inner_text("#event")


def test_a_link_to_a_step(opened):
    tab = opened(page(lecture()), "#step=8")
    assert "passes its gradient" in tab.inner_text("#event")
    tab = opened(page(lecture()), "#wrong&step=999")
    assert tab.inner_text("#event").startswith("Wrong: a, b")
    assert tab.locator("td.wrong").count() == 2


def test_play_goes_on_by_itself_and_pauses(opened):
    tab = opened(page(lecture()))
    tab.clock.install(time=0)
    tab.clock.pause_at(1000)
    tab.click("#play")
    assert tab.inner_text("#play") == "Pause"
    tab.clock.run_for(3500)
    assert tab.inner_text("#count").startswith("step 3 of")
    tab.locator("h1").click()
    tab.keyboard.press(" ")
    tab.clock.run_for(5000)
    assert tab.inner_text("#count").startswith("step 3 of")
    tab.click("#play")
    tab.clock.run_for(60_000)
    assert "Every grad is complete" in tab.inner_text("#event")
    assert tab.inner_text("#play") == "Play"


def test_the_wrong_order_is_chosen_and_left(opened):
    tab = opened(page(lecture()))
    tab.select_option("#order", "wrong")
    tab.click("#last")
    assert tab.locator("td.wrong").count() == 2
    tab.select_option("#order", "right")
    tab.click("#last")
    assert tab.locator("td.wrong").count() == 0


def test_zoom_and_pan(opened):
    tab = opened(page(lecture()))

    def window():
        return [float(x) for x in tab.locator(".picture svg").get_attribute("viewBox").split()]

    whole = window()
    tab.click("#in")
    assert window()[2] == pytest.approx(whole[2] / 1.3, rel=1e-3)
    box = tab.locator(".picture svg").bounding_box()
    tab.mouse.move(box["x"] + 50, box["y"] + 50)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 90, box["y"] + 50)
    tab.mouse.up()
    zoomed = window()
    tab.mouse.wheel(0, 200)
    tab.wait_for_function(
        "w => Number(document.querySelector('.picture svg').getAttribute("
        "'viewBox').split(' ')[2]) > w",
        arg=zoomed[2],
    )
    tab.click("#fit")
    assert window() == pytest.approx(whole)


def test_dark_still_and_with_any_label(opened):
    x = Value(2.0, label='</script>"\\<b>|{ ∂ عرب')
    tab = opened(page(dot([x, relu(x)], [1.0, x])), color_scheme="dark", reduced_motion="reduce")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 23, 42)"
    assert tab.locator("#values tr").first.inner_text().startswith('</script>"\\<b>|{ ∂ عرب')
    tab.keyboard.press("End")
    # x + relu(x) x at 2.
    assert grads_of(tab)['</script>"\\<b>|{ ∂ عرب'] == "5"


def test_a_drawing_too_large_to_be_read_is_followed(opened):
    x = Value(1.0, label="x")
    for _ in range(30):
        x = x + x
    tab = opened(page(x))

    def is_seen(node):
        area, frame = tab.locator(f"#{node}").bounding_box(), tab.locator("svg").bounding_box()
        return 0 < area["x"] + area["width"] / 2 - frame["x"] < frame["width"]

    assert is_seen("n0") and not is_seen("n30")
    tab.click("#last")
    tab.click("#back")  # the last addition, to x
    assert is_seen("n0") and is_seen("n1") and not is_seen("n30")
    tab.locator("#slider").fill("31")
    assert is_seen("n30") and not is_seen("n0")
    row = tab.locator("tr[data-node=n30]").bounding_box()
    frame = tab.locator(".values").bounding_box()
    assert frame["y"] < row["y"] and row["y"] + row["height"] <= frame["y"] + frame["height"] + 1


def test_of_what_is_far_apart_the_receiver_is_seen(opened):
    x = first = Value(1.0, label="x")
    for _ in range(30):
        x = x + 1.0
    tab = opened(page(x * first))
    steps = [event["lines"][0] for event in data_of(page(x * first))["events"]["right"]]
    tab.locator("#slider").fill(str(steps.index("Backward: v31 passes its gradient to x")))
    area, frame = tab.locator("#n0").bounding_box(), tab.locator("svg").bounding_box()
    assert 0 < area["x"] + area["width"] / 2 - frame["x"] < frame["width"]
    assert 0 < area["y"] + area["height"] / 2 - frame["y"] < frame["height"]


def test_a_policy_forbids_everything_else(browser, tmp_path):
    shown = page(lecture())
    shown.html = shown.html.replace("<h1>", "<h1 id='h'><script>window.injected = 1</script>", 1)
    tab = browser.new_page()
    tab.goto(f"file://{shown.write(tmp_path / 'page.html')}")
    assert tab.evaluate("window.injected") is None
    fetched = "fetch('data:text/plain,x').then(() => 'fetched', () => 'refused')"
    assert tab.evaluate(fetched) == "refused"
    tab.close()
