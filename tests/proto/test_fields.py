from mycaffe_py.proto.fields import fields_of


def test_what_is_said_of_a_message_is_not_said_of_its_first_field() -> None:
    about = {field.name: field.about for field in fields_of("ConvolutionParameter")}
    assert about["num_output"] == "Number of filters, which is the number of channels made."
